// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Payments between accounts, the workload of `pel bench speculation`: as read-modify-write of both
// balances or as two additions, each payment with some microseconds of other work.
namespace pel::bench {

struct Payment {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t amount = 0;
};

// A row's name says all but the accounts: "rmw10us_1k" is read-modify-write, 10 us of work, 1,000
// payments a batch; 10,000 without "_1k".
struct PaymentKind {
  const char* bench;
  bool adds;
  int work_us;
  std::size_t batch;
};

inline constexpr PaymentKind kPaymentKinds[] = {
    {"rmw0us", false, 0, 10'000},   {"rmw0us_1k", false, 0, 1'000},
    {"rmw1us", false, 1, 10'000},   {"rmw1us_1k", false, 1, 1'000},
    {"rmw10us", false, 10, 10'000}, {"rmw10us_1k", false, 10, 1'000},
    {"add0us", true, 0, 10'000},    {"add0us_1k", true, 0, 1'000},
    {"add1us", true, 1, 10'000},    {"add1us_1k", true, 1, 1'000},
    {"add10us", true, 10, 10'000},  {"add10us_1k", true, 10, 1'000},
};

std::vector<Payment> make_payments(std::size_t batch, std::uint64_t accounts);

inline std::uint64_t opening_balance(std::uint64_t account) { return 1'000'000 + account; }

// Spins for about so many microseconds: a number of turns that is measured once a process.
std::uint64_t work_turns(int work_us);
std::uint64_t work(std::uint64_t seed, std::uint64_t turns);

// What contenders must agree on.
inline std::uint64_t digest_of(std::uint64_t account, std::uint64_t balance) {
  return (account + 1) * 0x9E3779B97F4A7C15 ^ balance * 0xD6E8FEB86659FD93;
}

}  // namespace pel::bench
