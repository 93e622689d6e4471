// SPDX-License-Identifier: Apache-2.0
#pragma once

// All of the component `runtime`: executor, loops, speculation and what belongs to them. Programs
// that want short compile times include the headers they use. Not here, since their libraries are
// components of their own: pel/main.hpp, pel/workload.hpp and pel/ledger/.
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"
#include "pel/math.hpp"
#include "pel/observe.hpp"
#include "pel/random.hpp"
#include "pel/resources.hpp"
#include "pel/speculation.hpp"
#include "pel/version.hpp"
