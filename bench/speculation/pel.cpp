// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "bench/contender.hpp"
#include "bench/speculation/payments.hpp"
#include "pel/speculation.hpp"

namespace pel::bench {
namespace {

struct Input {
  Input(const PaymentKind& of_kind, std::uint64_t accounts, int workers)
      : kind(of_kind),
        payments(make_payments(of_kind.batch, accounts)),
        executor(ExecutorOptions{.workers = workers}),
        turns(work_turns(of_kind.work_us)) {}
  const PaymentKind& kind;
  std::vector<Payment> payments;
  Executor executor;
  Speculator<std::uint64_t, std::uint64_t> bank;
  std::uint64_t turns;
};

std::uint64_t pay(Input& input) {
  std::uint64_t sum = 0;
  const auto commit = [&](std::size_t, std::uint64_t result, const auto&) { sum += result; };
  const auto read_modify_write = [&](std::size_t i, auto& view) {
    const Payment& payment = input.payments[i];
    view.update(payment.from, [&](std::uint64_t balance) { return balance - payment.amount; });
    const std::uint64_t result = work(i, input.turns);
    view.update(payment.to, [&](std::uint64_t balance) { return balance + payment.amount; });
    return result;
  };
  const auto add = [&](std::size_t i, auto& view) {
    const Payment& payment = input.payments[i];
    view.add(payment.from, 0 - payment.amount);
    const std::uint64_t result = work(i, input.turns);
    view.add(payment.to, payment.amount);
    return result;
  };
  input.executor.run([&] {
    if (input.kind.adds) {
      input.bank.run(input.payments.size(), opening_balance, add, commit);
    } else {
      input.bank.run(input.payments.size(), opening_balance, read_modify_write, commit);
    }
  });
  input.bank.for_each_write(
      [&](std::uint64_t account, std::uint64_t balance) { sum += digest_of(account, balance); });
  return sum;
}

bool add_all() {
  for (const PaymentKind& kind : kPaymentKinds) {
    add({kind.bench, "pel", [&kind](std::uint64_t accounts, int workers) -> Body {
           return
               [input = std::make_shared<Input>(kind, accounts, workers)] { return pay(*input); };
         }});
  }
  return true;
}
const bool added = add_all();

}  // namespace
}  // namespace pel::bench
