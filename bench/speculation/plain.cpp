// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "bench/contender.hpp"
#include "bench/measure.hpp"
#include "bench/speculation/payments.hpp"
#include "pel/random.hpp"

namespace pel::bench {
namespace {

// Balances by account: open addressing, at most half full, each entry in place. What the serial
// program would keep them in.
class Balances {
 public:
  explicit Balances(std::uint64_t accounts) {
    std::size_t size = 64;
    while (size < 2 * accounts) size *= 2;
    entries_.resize(size);
  }
  void clear() { std::fill(entries_.begin(), entries_.end(), Entry{}); }
  std::uint64_t& at(std::uint64_t account) {
    std::size_t i = (account * 0x9E3779B97F4A7C15 >> 20) & (entries_.size() - 1);
    while (entries_[i].account != account + 1) {
      if (entries_[i].account == 0) {
        entries_[i] = {account + 1, opening_balance(account)};
        break;
      }
      i = (i + 1) & (entries_.size() - 1);
    }
    return entries_[i].balance;
  }
  std::uint64_t digest() const {
    std::uint64_t sum = 0;
    for (const Entry& entry : entries_) {
      if (entry.account != 0) sum += digest_of(entry.account - 1, entry.balance);
    }
    return sum;
  }

 private:
  struct Entry {
    std::uint64_t account = 0;  // plus one
    std::uint64_t balance = 0;
  };
  std::vector<Entry> entries_;
};

struct Input {
  Input(const PaymentKind& of_kind, std::uint64_t accounts)
      : payments(make_payments(of_kind.batch, accounts)),
        balances(accounts),
        turns(work_turns(of_kind.work_us)) {}
  std::vector<Payment> payments;
  Balances balances;
  std::uint64_t turns;
};

std::uint64_t pay(Input& input) {
  input.balances.clear();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < input.payments.size(); ++i) {
    const Payment& payment = input.payments[i];
    std::uint64_t& from = input.balances.at(payment.from);
    from -= payment.amount;
    sum += work(i, input.turns);
    input.balances.at(payment.to) += payment.amount;
  }
  return sum + input.balances.digest();
}

bool add_all() {
  for (const PaymentKind& kind : kPaymentKinds) {
    add({kind.bench, "plain", [&kind](std::uint64_t accounts, int) -> Body {
           return [input = std::make_shared<Input>(kind, accounts)] { return pay(*input); };
         }});
  }
  return true;
}
const bool added = add_all();

}  // namespace

std::vector<Payment> make_payments(std::size_t batch, std::uint64_t accounts) {
  const Philox random(accounts, batch);
  std::vector<Payment> payments(batch);
  for (std::size_t i = 0; i < batch; ++i) {
    const std::uint64_t from = random.below(3 * i, accounts);
    const std::uint64_t step = 1 + random.below(3 * i + 1, accounts - 1);
    payments[i] = {from, (from + step) % accounts, random.below(3 * i + 2, 100)};
  }
  return payments;
}

std::uint64_t work(std::uint64_t seed, std::uint64_t turns) {
  std::uint64_t x = seed;
  for (std::uint64_t turn = 0; turn < turns; ++turn) x = (x ^ x >> 29) * 0xD6E8FEB86659FD93 + turn;
  return x;
}

std::uint64_t work_turns(int work_us) {
  static const double turns_per_us = [] {
    constexpr std::uint64_t kTurns = 100'000;
    double best = 1e9;
    for (int run = 0; run < 20; ++run) {
      const std::uint64_t begin = now_ns();
      keep(work(static_cast<std::uint64_t>(run), kTurns));
      best = std::min(best, static_cast<double>(now_ns() - begin));
    }
    return kTurns * 1000 / best;
  }();
  return static_cast<std::uint64_t>(turns_per_us * work_us);
}

}  // namespace pel::bench
