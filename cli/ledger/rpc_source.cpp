// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/rpc_source.hpp"

#include <functional>

#include "base/hex.hpp"
#include "cli/ledger/block_writer.hpp"
#include "cli/ledger/rpc_state.hpp"
#include "cli/ledger/values.hpp"
#include "pel/main.hpp"

namespace pel::cli {
namespace {

using ledger::Address;
using ledger::Hash256;

std::string hex_string(ledger::BytesView bytes) {
  std::string out = "\"0x";
  out += base::to_hex(bytes);
  return out += '"';
}

template <class List, class Text>
std::string json_list(const List& items, Text&& text) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += text(item);
  }
  return out += ']';
}

// One block being put together as a text that read_replay understands.
class Fetch {
 public:
  Fetch(RpcClient& rpc, std::uint64_t number, const ledger::ChainConfig& chain,
        evm::CodeCache& codes)
      : rpc_(rpc), number_(number), chain_(chain), codes_(codes) {}

  std::unique_ptr<ReplayInput> run() {
    block_text_ = block(number_, true);
    if (number_ > 0) {
      parent_text_ = block(number_ - 1, false);
      const base::JsonDocument parent(parent_text_, rpc_.place("eth_getBlockByNumber"));
      parent_ = read_header(parent.root());
    }
    read_block();
    if (!try_witness() && !try_traces() && !try_proofs()) take_values();
    std::string text = Row{}
                           .raw("block", block_text_)
                           .raw("uncles", uncles_text_)
                           .raw("parent", parent_text_.empty() ? "null" : parent_text_)
                           .json();
    text.pop_back();
    text += "," + state_text_ + "}";
    auto input = read_replay(text, rpc_.url() + ", block " + std::to_string(number_), codes_);
    input->source = source_;
    input->source_note = note_;
    input->chain = &chain_;
    input->partial_witness = source_ == "eth_getProof";
    return input;
  }

 private:
  std::string block(std::uint64_t number, bool full) {
    std::string params = "[\"";
    params += rpc_quantity(number) + (full ? "\",true]" : "\",false]");
    std::string text = rpc_.call("eth_getBlockByNumber", params);
    if (text == "null")
      throw Error(rpc_.url(), "the server has no block " + std::to_string(number));
    return text;
  }

  void read_block() {
    const base::JsonDocument document(block_text_, rpc_.place("eth_getBlockByNumber"));
    const Json root = document.root();
    block_ = read_rpc_block(root);
    if (block_.header.number != number_) root["number"].fail("is not the block that was asked for");
    root["transactions"].each(
        [&](const Json& tx) { senders_.push_back(read_address(tx["from"])); });
    const auto uncles = root.find("uncles");
    const std::size_t count = uncles ? uncles->items().size() : 0;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) {
      std::string params = "[\"";
      params += rpc_quantity(number_) + "\",\"" + rpc_quantity(i) + "\"]";
      texts.push_back(rpc_.call("eth_getUncleByBlockNumberAndIndex", params));
    }
    uncles_text_ = json_list(texts, [](const std::string& text) { return text; });
    const base::JsonDocument headers(uncles_text_, rpc_.place("eth_getUncleByBlockNumberAndIndex"));
    headers.root().each([&](const Json& uncle) { block_.uncles.push_back(read_header(uncle)); });
  }

  // Runs `attempt`; false, with a note, if the server has an error for it.
  bool attempt(const char* method, const std::function<void()>& take) {
    try {
      take();
      source_ = method;
      return true;
    } catch (const RpcError& error) {
      note_ += (note_.empty() ? "" : "; ") + std::string(method) + ": " + error.reason();
      return false;
    }
  }

  bool try_witness() {
    return attempt("debug_executionWitness", [&] {
      std::string params = "[\"";
      params += rpc_quantity(number_) + "\"]";
      state_text_ = "\"witness\":" + rpc_.call("debug_executionWitness", params);
    });
  }

  bool try_traces() {
    return attempt("prestateTracer", [&] {
      const auto trace = [&](const char* config) {
        std::string params = "[\"";
        params += rpc_quantity(number_) + "\",{\"tracer\":\"prestateTracer\"" + config + "}]";
        return rpc_.call("debug_traceBlockByNumber", params);
      };
      const std::string place = rpc_.place("debug_traceBlockByNumber");
      const std::string traces_text = trace("");
      const std::string changes_text = trace(",\"tracerConfig\":{\"diffMode\":true}");
      const base::JsonDocument traces(traces_text, place);
      const base::JsonDocument changes(changes_text, place);
      ValueState state(rpc_, before(), codes_);
      state.take(traces.root(), changes.root());
      execute(state);
      write_values(state);
    });
  }

  bool try_proofs() {
    return attempt("eth_getProof", [&] {
      if (number_ == 0) throw RpcError(rpc_.place("eth_getProof"), "there is no block before", 0);
      ProofState state(rpc_, parent_, codes_);
      const ledger::StateDiff diff = execute(state);
      state.add_after(diff, number_);
      state_text_ =
          "\"witness\":" +
          Row{}
              .raw("state", json_list(state.nodes(), [](const auto& n) { return hex_string(n); }))
              .raw("codes", json_list(state.codes(),
                                      [](const auto& c) { return hex_string(c.second->bytes()); }))
              .raw("headers", json_list(headers_, [](const auto& h) { return h.second; }))
              .json();
    });
  }

  void take_values() {
    ValueState state(rpc_, before(), codes_);
    execute(state);
    write_values(state);
    source_ = "eth_getStorageAt";
  }

  std::uint64_t before() const { return number_ == 0 ? 0 : number_ - 1; }

  // Executes the block on a state that fetches what is read. What is wrong with the block is not
  // this run's concern: the checks come later, on what was fetched.
  ledger::StateDiff execute(const ledger::StateView& view) {
    headers_.clear();
    if (number_ > 0) headers_[number_ - 1] = parent_text_;
    ledger::BlockExecutor executor(codes_);
    ledger::BlockExecutor::Input in;
    in.config = &chain_;
    in.revision = chain_.revision(block_.header, is_merged(block_.header));
    in.block = &block_;
    in.senders = senders_;
    in.view = &view;
    in.block_hashes = [&](std::uint64_t number) { return hash_of(number); };
    try {
      return executor.execute(in).diff;
    } catch (const ledger::InvalidBlock&) {
      return {};
    }
  }

  Hash256 hash_of(std::uint64_t number) {
    std::string& text = headers_[number];
    if (text.empty()) text = block(number, false);
    const base::JsonDocument document(text, rpc_.place("eth_getBlockByNumber"));
    return read_hash(document.root()["hash"]);
  }

  void write_values(const ValueState& state) {
    Row hashes;
    for (const auto& [number, text] : headers_)
      hashes.text(std::to_string(number), to_string(hash_of(number)));
    state_text_ = "\"blockHashes\":" + hashes.json() + ",";
    append_pre_state(state_text_, state.known(),
                     [&](const Hash256& hash) { return state.code(hash)->bytes(); });
  }

  RpcClient& rpc_;
  std::uint64_t number_;
  const ledger::ChainConfig& chain_;
  evm::CodeCache& codes_;
  std::string block_text_, parent_text_, uncles_text_ = "[]", state_text_;
  ledger::Header parent_;
  ledger::Block block_;
  std::vector<Address> senders_;
  std::map<std::uint64_t, std::string> headers_;  // whose hashes were asked for
  std::string source_, note_;
};

}  // namespace

std::uint64_t RpcSource::chain_id() {
  const std::string text = rpc_.call("eth_chainId", "[]");
  const base::JsonDocument document(text, rpc_.place("eth_chainId"));
  return document.root().u64();
}

std::unique_ptr<ReplayInput> RpcSource::fetch(std::uint64_t number,
                                              const ledger::ChainConfig& chain,
                                              evm::CodeCache& codes) {
  return Fetch(rpc_, number, chain, codes).run();
}

}  // namespace pel::cli
