// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json_reader.hpp"

namespace pel::cli {

// Fixtures about keys: key stores (Web3 secret storage, PBKDF2 and scrypt), addresses of keys and
// signatures, and decryption as devp2p has it (AES-CTR, ECIES). By OpenSSL. Empty if they pass.
std::string check_key_store(const base::Json& test);
std::string check_key(const base::Json& test);
std::string check_decryption(const base::Json& test);

}  // namespace pel::cli
