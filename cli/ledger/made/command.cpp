// SPDX-License-Identifier: Apache-2.0
// `pel make-blocks`
#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/made/block.hpp"
#include "cli/ledger/options.hpp"
#include "pel/main.hpp"

namespace pel::cli {

int make_blocks_main(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel make-blocks";
  info.summary = "make a block of transfers, token transfers and swaps for pel replay";
  info.description =
      "Writes a block with its pre-state and its parent's header, the same for the same seed. The\n"
      "compiled contracts come from npm:\n"
      "  npm install @openzeppelin/contracts@4.9.6 @uniswap/v3-core@1.0.1\n"
      "              @uniswap/v3-periphery@1.4.4 canonical-weth@1.4.0\n"
      "transfers need none of them, erc20 the first. A mix is 2/5 transfers, 2/5 erc20, 1/5 "
      "swaps.\n"
      "Every transaction has a sender of its own. Those in conflict pay one recipient, one holder\n"
      "of the token, or swap in one pool; other swaps take the other pools in turn.";
  info.options = {{"--kind", "NAME", "transfers, erc20, swaps or mix (default mix)"},
                  {"--txs", "N", "transactions (default 1000)"},
                  {"--conflicts", "PERCENT", "share of transactions in conflict (default 10)"},
                  {"--pools", "N", "Uniswap v3 pools, 22 kB of code each (default 32)"},
                  {"--gzip", "", "pack the block by gzip"},
                  {"--contracts", "DIR", "folder of npm packages (default node_modules)"}};
  info.hidden = hidden_options();
  info.examples = {"pel make-blocks --kind transfers --txs 500 --out block.json",
                   "pel make-blocks --kind mix --conflicts 30 --gzip --out hot.json.gz"};
  return pel::main(
      argc, argv,
      [](Run& run) {
        MakeBlockOptions options;
        options.kind = run.text("--kind", "mix");
        options.txs = run.number("--txs", 1, 1'000'000, 1000);
        options.conflict_percent = static_cast<unsigned>(run.number("--conflicts", 0, 100, 10));
        options.pools = run.number("--pools", 1, 10'000, 32);
        options.seed = run.seed();
        options.contracts = run.text("--contracts", "node_modules");
        const std::string text = replay_json(make_block(options));
        run.output(run.has("--gzip") ? gzip(text) : text);
      },
      info);
}

}  // namespace pel::cli
