// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "pel/observe.hpp"

namespace pel::observe {

// The labelled Progress objects of this process, in order of creation. Thread-safe.
void list_progress(const Progress& progress);
void unlist_progress(const Progress& progress) noexcept;
void for_each_progress(const std::function<void(const Progress&)>& f);

}  // namespace pel::observe
