// SPDX-License-Identifier: Apache-2.0
// A workload for the tests of the program: adds numbers, or the bytes of the user's file.
#include <chrono>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/observe.hpp"
#include "pel/resources.hpp"
#include "pel/workload.hpp"

namespace {

constexpr std::uint64_t kHungry = 77;

// Four times what the machine has, in pieces that Linux would lend; nothing of it is touched.
void take_all_memory() {
  constexpr std::size_t kPiece = std::size_t{64} << 20;
  std::vector<std::unique_ptr<char[]>> pieces;
  const std::size_t most = pel::read_resources().memory_total * 4;
  while (pieces.size() * kPiece < most) {
    pieces.push_back(std::make_unique_for_overwrite<char[]>(kPiece));
  }
}

class Tiny : public pel::Workload {
 public:
  void load(const pel::WorkloadConfig& config) override {
    seed_ = config.seed;
    size_ = config.size != 0 ? config.size : (config.tour ? 10 : 100);
    for (const auto& file : config.files) {
      for (const std::uint8_t byte : pel::base::read_file(file)) {
        if (byte > 127) throw pel::Error(file.string() + ":1", "not ASCII");
        seed_ += byte;
      }
    }
  }
  std::string input() const override { return std::to_string(size_) + " numbers"; }
  pel::WorkloadResult run(pel::Progress& progress) override {
    if (size_ == kHungry) take_all_memory();
    progress.set_total(size_);
    for (std::uint64_t i = 0; i < size_; ++i) {
      if (size_ > 100) {  // a long run, for Ctrl-C: a second per 100
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        pel::check_cancel();
      }
      progress.add();
    }
    return run_plain();
  }
  pel::WorkloadResult run_plain() override {
    std::uint64_t sum = seed_;
    for (std::uint64_t i = 0; i < size_; ++i) sum += i;
    const std::string text = std::to_string(sum) + "\n";
    return {{text.begin(), text.end()}, "sum " + std::to_string(sum)};
  }
  pel::WorkloadCheck check(const pel::WorkloadResult& result) override {
    const std::string expected = std::to_string(seed_ + size_ * (size_ - 1) / 2) + "\n";
    const std::string got(result.bytes.begin(), result.bytes.end());
    return {"closed form", got == expected, "sum of an arithmetic series"};
  }

 private:
  std::uint64_t seed_ = 0;
  std::uint64_t size_ = 0;
};

const bool registered = pel::register_workload({.name = "tiny",
                                                .summary = "adds numbers, for the tests",
                                                .reads = "text",
                                                .writes = "text",
                                                .extension = "txt",
                                                .size_unit = "numbers",
                                                .tour_size = 10,
                                                .full_size = 100,
                                                .max_size = 1'000'000,
                                                .make = [] { return std::make_unique<Tiny>(); }});

}  // namespace
