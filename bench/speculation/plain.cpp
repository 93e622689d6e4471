// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <unordered_map>

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

// In the standard library's hash table.
class MapBalances {
 public:
  explicit MapBalances(std::uint64_t) {}
  void clear() { balances_.clear(); }
  std::uint64_t& at(std::uint64_t account) {
    return balances_.try_emplace(account, opening_balance(account)).first->second;
  }
  std::uint64_t digest() const {
    std::uint64_t sum = 0;
    for (const auto& [account, balance] : balances_) sum += digest_of(account, balance);
    return sum;
  }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> balances_;
};

// By position: what no table of keys can be as fast as.
class ArrayBalances {
 public:
  explicit ArrayBalances(std::uint64_t accounts) : balances_(accounts), used_(accounts) {}
  void clear() {
    for (std::uint64_t i = 0; i < balances_.size(); ++i) balances_[i] = opening_balance(i);
    std::fill(used_.begin(), used_.end(), std::uint8_t{0});
  }
  std::uint64_t& at(std::uint64_t account) {
    used_[account] = 1;
    return balances_[account];
  }
  std::uint64_t digest() const {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < balances_.size(); ++i) {
      if (used_[i] != 0) sum += digest_of(i, balances_[i]);
    }
    return sum;
  }

 private:
  std::vector<std::uint64_t> balances_;
  std::vector<std::uint8_t> used_;
};

template <class Table>
struct Input {
  Input(const PaymentKind& of_kind, std::uint64_t accounts)
      : payments(make_payments(of_kind.batch, accounts)),
        balances(accounts),
        turns(work_turns(of_kind.work_us)) {}
  std::vector<Payment> payments;
  Table balances;
  std::uint64_t turns;
};

template <class Table>
std::uint64_t pay(Input<Table>& input) {
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

template <class Table>
void add_as(const char* name) {
  for (const PaymentKind& kind : kPaymentKinds) {
    add({kind.bench, name, [&kind](std::uint64_t accounts, int) -> Body {
           return [input = std::make_shared<Input<Table>>(kind, accounts)] { return pay(*input); };
         }});
  }
}
const bool added = [] {
  add_as<Balances>("plain");
  add_as<MapBalances>("unordered_map");
  add_as<ArrayBalances>("array");
  return true;
}();

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
