// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/basic_crypto.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>

#include <bit>
#include <cstring>
#include <memory>

#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "cli/ledger/values.hpp"
#include "pel/error.hpp"

namespace pel::cli {
namespace {

using ledger::Bytes;
using ledger::BytesView;
using ledger::U256;

constexpr std::uint64_t kMaxScryptMemory = 512U << 20;

// -- scrypt (RFC 7914). Our own, because OpenSSL refuses n >= 2^(16 r), which wallets have used.

using Salsa = std::array<std::uint32_t, 16>;

void salsa20_8(Salsa& block) {
  constexpr std::uint8_t kRounds[8][4] = {{0, 4, 8, 12},  {5, 9, 13, 1},   {10, 14, 2, 6},
                                          {15, 3, 7, 11}, {0, 1, 2, 3},    {5, 6, 7, 4},
                                          {10, 11, 8, 9}, {15, 12, 13, 14}};
  Salsa x = block;
  for (int i = 0; i < 4; ++i) {
    for (const auto& [a, b, c, d] : kRounds) {
      x[b] ^= std::rotl(x[a] + x[d], 7);
      x[c] ^= std::rotl(x[b] + x[a], 9);
      x[d] ^= std::rotl(x[c] + x[b], 13);
      x[a] ^= std::rotl(x[d] + x[c], 18);
    }
  }
  for (std::size_t i = 0; i < 16; ++i) block[i] += x[i];
}

// Mixes 2r blocks in place; even outputs come first.
void block_mix(std::vector<Salsa>& blocks) {
  Salsa x = blocks.back();
  std::vector<Salsa> out(blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (std::size_t j = 0; j < 16; ++j) x[j] ^= blocks[i][j];
    salsa20_8(x);
    out[i / 2 + (i % 2 == 0 ? 0 : blocks.size() / 2)] = x;
  }
  blocks.swap(out);
}

void rom_mix(std::span<std::uint8_t> bytes, std::uint64_t n) {
  std::vector<Salsa> x(bytes.size() / 64);
  std::memcpy(x.data(), bytes.data(), bytes.size());
  std::vector<std::vector<Salsa>> seen;
  for (std::uint64_t i = 0; i < n; ++i) {
    seen.push_back(x);
    block_mix(x);
  }
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint64_t at =
        (x.back()[0] | static_cast<std::uint64_t>(x.back()[1]) << 32) & (n - 1);
    for (std::size_t b = 0; b < x.size(); ++b)
      for (std::size_t j = 0; j < 16; ++j) x[b][j] ^= seen[at][b][j];
    block_mix(x);
  }
  std::memcpy(bytes.data(), x.data(), bytes.size());
}

void pbkdf2(const std::string& password, BytesView salt, std::uint64_t rounds,
            std::span<std::uint8_t> out) {
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                    static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sha256(),
                    static_cast<int>(out.size()), out.data());
}

void scrypt(const std::string& password, BytesView salt, const Json& params,
            std::span<std::uint8_t> out) {
  const std::uint64_t n = params["n"].u64();
  const std::uint64_t r = params["r"].u64();
  const std::uint64_t p = params["p"].u64();
  if (n < 2 || (n & (n - 1)) != 0 || r == 0 || p == 0 || r > 1024 || p > 1024 ||
      n > kMaxScryptMemory / (128 * r))
    params.fail("n must be a power of two and 128 * n * r at most 512 MB");
  Bytes blocks(128 * r * p);
  pbkdf2(password, salt, 1, blocks);
  for (std::uint64_t i = 0; i < p; ++i) rom_mix(std::span(blocks).subspan(128 * r * i, 128 * r), n);
  pbkdf2(password, blocks, 1, out);
}

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Deleter<Free>>;

Bytes aes_ctr(BytesView key, BytesView iv, BytesView text) {
  const EVP_CIPHER* cipher = key.size() == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
  Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
  Bytes out(text.size() + 16);
  int size = 0;
  if (EVP_DecryptInit_ex(context.get(), cipher, nullptr, key.data(), iv.data()) != 1 ||
      EVP_DecryptUpdate(context.get(), out.data(), &size, text.data(),
                        static_cast<int>(text.size())) != 1)
    throw Error("AES-CTR", "cannot be decrypted");
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Bytes derive_key(const Json& crypto, const std::string& password) {
  const Json params = crypto["kdfparams"];
  const Bytes salt = params["salt"].bytes();
  Bytes key(params["dklen"].u64());
  if (key.size() < 32 || key.size() > 64) params["dklen"].fail("is not 32 to 64");
  if (crypto["kdf"].text() == "pbkdf2") {
    const std::uint64_t rounds = params["c"].u64();
    if (rounds == 0 || rounds > 10'000'000) params["c"].fail("is out of range");
    pbkdf2(password, salt, rounds, key);
    return key;
  }
  if (crypto["kdf"].text() != "scrypt") crypto["kdf"].fail("is neither pbkdf2 nor scrypt");
  scrypt(password, salt, params, key);
  return key;
}

// The x coordinate that two parties share: ECDH on secp256k1.
Bytes shared_secret(BytesView secret, BytesView point_bytes) {
  Owned<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_by_curve_name(NID_secp256k1));
  Owned<EC_POINT, EC_POINT_free> point(EC_POINT_new(group.get()));
  Owned<EC_POINT, EC_POINT_free> product(EC_POINT_new(group.get()));
  Owned<BIGNUM, BN_free> scalar(BN_bin2bn(secret.data(), static_cast<int>(secret.size()), nullptr));
  Owned<BIGNUM, BN_free> x(BN_new());
  Bytes out(32);
  if (EC_POINT_oct2point(group.get(), point.get(), point_bytes.data(), point_bytes.size(),
                         nullptr) != 1 ||
      EC_POINT_mul(group.get(), product.get(), nullptr, point.get(), scalar.get(), nullptr) != 1 ||
      EC_POINT_get_affine_coordinates(group.get(), product.get(), x.get(), nullptr, nullptr) != 1)
    throw Error("ECIES", "the point is not on the curve");
  BN_bn2binpad(x.get(), out.data(), 32);
  return out;
}

// Elliptic-curve integrated encryption (SEC 1, 5.1): point, initial vector, text, tag.
Bytes ecies(BytesView secret, BytesView cipher) {
  constexpr std::size_t kPoint = 65;
  constexpr std::size_t kVector = 16;
  constexpr std::size_t kTag = 32;
  if (cipher.size() < kPoint + kVector + kTag) throw Error("ECIES", "the text is too short");
  Bytes seed = {0, 0, 0, 1};
  const Bytes shared = shared_secret(secret, cipher.first(kPoint));
  seed.insert(seed.end(), shared.begin(), shared.end());
  const base::Sha256Digest key = base::sha256(seed);
  const BytesView halves(key);
  const base::Sha256Digest mac_key = base::sha256(halves.subspan(16));
  const BytesView body = cipher.subspan(kPoint, cipher.size() - kPoint - kTag);
  Bytes tag(kTag);
  unsigned size = 0;
  HMAC(EVP_sha256(), mac_key.data(), static_cast<int>(mac_key.size()), body.data(), body.size(),
       tag.data(), &size);
  if (!std::equal(tag.begin(), tag.end(), cipher.end() - kTag))
    throw Error("ECIES", "the tag does not fit");
  return aes_ctr(halves.first(16), body.first(kVector), body.subspan(kVector));
}

}  // namespace

std::string check_key_store(const Json& test) {
  const Json store = test["json"];
  const auto lower = store.find("crypto");
  const Json crypto = lower ? *lower : store["Crypto"];
  if (crypto["cipher"].text() != "aes-128-ctr") return "unknown cipher";
  const Bytes key = derive_key(crypto, std::string(test["password"].text()));
  const Bytes text = crypto["ciphertext"].bytes();
  Bytes sealed(key.begin() + 16, key.begin() + 32);
  sealed.insert(sealed.end(), text.begin(), text.end());
  if (ledger::keccak(sealed).bytes != crypto["mac"].fixed<32>()) return "the password does not fit";
  const auto iv = crypto["cipherparams"]["iv"].fixed<16>();
  const Bytes secret = aes_ctr(BytesView(key).first(16), iv, text);
  return base::to_hex(secret) == test["priv"].text() ? "" : "another secret key";
}

std::string check_key(const Json& test) {
  const ledger::Hash256 key = read_hash(test["key"]);
  const std::string_view seed = test["seed"].text();
  if (ledger::keccak(Bytes(seed.begin(), seed.end())) != key) return "another key of the seed";
  const ledger::Address address = ledger::key_address(key);
  if (base::to_hex(address.bytes) != test["addr"].text()) return "another address";
  const Json signature = test["sig_of_emptystring"];  // of a hash that the fixture does not name
  const U256 v = read_u256(signature["v"]);
  if (!(v == U256(27) || v == U256(28))) return "v is neither 27 nor 28";
  return read_u256(signature["r"]).is_zero() || read_u256(signature["s"]).is_zero()
             ? "a signature value of zero"
             : "";
}

std::string check_decryption(const Json& test) {
  const Bytes key = test["key"].bytes();
  const Bytes cipher = test["cipher"].bytes();
  const bool plain = test["decryption_type"].text() == "aes_ctr";
  const Bytes text = plain ? aes_ctr(key, Bytes(16), cipher) : ecies(key, cipher);
  return base::to_hex(text) == test["payload"].text() ? "" : "decrypted to " + base::to_hex(text);
}

}  // namespace pel::cli
