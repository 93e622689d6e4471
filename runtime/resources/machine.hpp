// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pel/resources.hpp"
#include "runtime/resources/system_files.hpp"

namespace pel::resources {

// Each fills its members of `into` from the files; what is missing stays as it is.
void read_processor(const SystemFiles& files, Resources& into);  // model, features, online cores
void read_caches(const SystemFiles& files, Resources& into);     // of the first allowed core
void read_numa(const SystemFiles& files, Resources& into);       // needs allowed_cores
void read_memory(const SystemFiles& files, Resources& into);
void read_pressure(const SystemFiles& files, Resources& into);
void read_energy(const SystemFiles& files, Resources& into);
void read_gpus(const SystemFiles& files, Resources& into);
void read_engines(const SystemFiles& files, Resources& into);

}  // namespace pel::resources
