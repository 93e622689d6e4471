// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/made/contract_code.hpp"

#include <filesystem>

#include "base/json_reader.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "pel/error.hpp"
#include "pel/ledger/state.hpp"

namespace pel::cli {

using ledger::Bytes;

Bytes creation_code(const std::string& packages, const ContractFile& file) {
  const std::string path = packages + "/" + file.path;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw Error(path, "is missing",
                "npm install " + std::string(file.package) +
                    ", and --contracts DIR for another folder than node_modules");
  const std::string text = read_packed_file(path);
  const base::JsonDocument document(text, path);
  const base::Json field = document.root()["bytecode"];
  Bytes code = field.bytes();
  if (code.empty()) field.fail("the contract has no code");
  return code;
}

void append_words(Bytes& out, Words words) {
  for (const ledger::U256& word : words) {
    out.resize(out.size() + 32);
    ledger::store_be(word, out.data() + out.size() - 32);
  }
}

Bytes call_data(std::string_view signature, Words words) {
  const ledger::Hash256 hash = ledger::keccak(Bytes(signature.begin(), signature.end()));
  Bytes data(hash.bytes.begin(), hash.bytes.begin() + 4);
  append_words(data, words);
  return data;
}

}  // namespace pel::cli
