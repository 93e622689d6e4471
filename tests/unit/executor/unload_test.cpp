// SPDX-License-Identifier: Apache-2.0
// dlclose() of a library whose executors' workers live. This program has no executor of its own:
// all of pel is in the library.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>

namespace {

long threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST(Unload, EndsTheThreadsOfALibrarysExecutors) {
  const long before = threads();
  for (int round = 0; round < 50; ++round) {
    void* library = dlopen(PEL_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << dlerror();
    auto* fib = reinterpret_cast<long (*)(long)>(dlsym(library, "plugin_fib"));
    ASSERT_NE(fib, nullptr);
    ASSERT_EQ(fib(15), 610);
    ASSERT_GT(threads(), before);  // they live, and sleep or search
    ASSERT_EQ(dlclose(library), 0);
    ASSERT_EQ(dlopen(PEL_PLUGIN, RTLD_NOW | RTLD_NOLOAD), nullptr) << "it was not unloaded";
    // A joined thread leaves the list a moment later.
    for (int i = 0; i < 10'000 && threads() != before; ++i) usleep(1000);
    ASSERT_EQ(threads(), before);
  }
}

}  // namespace
