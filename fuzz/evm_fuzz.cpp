// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any code, input and revision, run fused, traced and on each CPU level; any
// bytes as RLP; any input to any precompile. A difference, a crash or a hang is a finding.

#include <cstdlib>

#include "ledger/primitives/rlp.hpp"
#include "pel/error.hpp"
#include "tests/unit/evm/differential.hpp"

namespace {

using namespace pel::evm;

void try_rlp(BytesView data) {
  try {
    pel::ledger::rlp::check(data);
  } catch (const pel::Error&) {
  }
}

void try_precompile(Revision revision, std::uint8_t which, BytesView input) {
  const auto addresses = precompile_addresses(revision);
  run_precompile(revision, addresses[which % addresses.size()], input, 200000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const auto revision = static_cast<Revision>(data[0] % kRevisions);
  const BytesView rest(data + 4, size - 4);
  const std::size_t cut = std::min<std::size_t>(data[1], rest.size());
  try_rlp(rest);
  try_precompile(revision, data[2], rest);
  if (!test::agreed_outcome(rest.subspan(cut), rest.first(cut), revision)) std::abort();
  return 0;
}
