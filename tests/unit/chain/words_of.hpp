// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "pel/error.hpp"

namespace pel::ledger::test {

// What the error that f throws says; nothing if it throws none.
inline std::string words_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace pel::ledger::test
