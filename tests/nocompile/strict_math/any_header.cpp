// SPDX-License-Identifier: Apache-2.0
#include "pel/executor.hpp"

int main() {}
