// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/unit/evm/program.hpp"

namespace pel::evm::test {
namespace {

constexpr std::int64_t kGas = 1000000000;

PrecompileResult run(std::uint64_t number, BytesView input, Revision revision = Revision::kOsaka) {
  return run_precompile(revision, ledger::small_address(number), input, kGas);
}
std::string output(std::uint64_t number, std::string_view input) {
  return base::to_hex(run(number, hex(input)).output);
}
std::int64_t cost(std::uint64_t number, BytesView input, Revision revision) {
  return kGas - run(number, input, revision).gas_left;
}

TEST(Precompiles, ExistFromTheirFork) {
  EXPECT_TRUE(is_precompile(Revision::kFrontier, ledger::small_address(4)));
  EXPECT_FALSE(is_precompile(Revision::kFrontier, ledger::small_address(5)));
  EXPECT_FALSE(is_precompile(Revision::kOsaka, ledger::small_address(0)));
  EXPECT_FALSE(is_precompile(Revision::kOsaka, ledger::small_address(0x12)));
  EXPECT_FALSE(is_precompile(Revision::kPrague, ledger::small_address(0x100)));
  EXPECT_TRUE(is_precompile(Revision::kOsaka, ledger::small_address(0x100)));
  EXPECT_FALSE(is_precompile(Revision::kOsaka, ledger::small_address(0x101)));
  EXPECT_FALSE(is_precompile(Revision::kOsaka, ledger::small_address(0x10001)));
  EXPECT_FALSE(is_precompile(Revision::kOsaka, ledger::to_address(U256::max())));
  EXPECT_EQ(precompile_addresses(Revision::kFrontier).size(), 4U);
  EXPECT_EQ(precompile_addresses(Revision::kBerlin).size(), 9U);
  EXPECT_EQ(precompile_addresses(Revision::kCancun).size(), 10U);
  EXPECT_EQ(precompile_addresses(Revision::kPrague).size(), 17U);
  EXPECT_EQ(precompile_addresses(Revision::kOsaka).size(), 18U);
}

TEST(Precompiles, Hashes) {
  EXPECT_EQ(output(2, "616263"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(output(3, "616263"), std::string(24, '0') + "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
  EXPECT_EQ(output(4, "0102"), "0102");
  EXPECT_EQ(cost(2, hex("616263"), Revision::kOsaka), 72);
  EXPECT_EQ(cost(3, Bytes(33), Revision::kOsaka), 840);
  EXPECT_EQ(cost(4, {}, Revision::kOsaka), 15);
}

TEST(Precompiles, EcRecover) {
  const std::string input =
      "456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3"
      "000000000000000000000000000000000000000000000000000000000000001c"
      "9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608"
      "4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada";
  EXPECT_EQ(output(1, input), std::string(24, '0') + "7156526fbd7a3c72969b54f64e42c10fbb768c8a");
  std::string wrong_v = input;
  wrong_v[127] = 'd';
  EXPECT_EQ(output(1, wrong_v), "");
  EXPECT_EQ(output(1, ""), "");
}

// EIP-152, vectors 4 to 7.
TEST(Precompiles, Blake2) {
  const std::string rest =
      "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68"
      "059b6bbd41fbabd9831f79217e1319cde05b616263" +
      std::string(250, '0') + "03" + std::string(30, '0');
  EXPECT_EQ(output(9, "00000000" + rest + "01"),
            "08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
            "d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b");
  EXPECT_EQ(output(9, "0000000c" + rest + "01"),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  EXPECT_EQ(output(9, "0000000c" + rest + "00"),
            "75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d28752"
            "98743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735");
  EXPECT_EQ(run(9, hex("0000000c" + rest + "02")).status, Status::kPrecompileFailure);
  EXPECT_EQ(run(9, Bytes(212)).status, Status::kPrecompileFailure);
  EXPECT_EQ(cost(9, hex("0000000c" + rest + "01"), Revision::kIstanbul), 12);
}

Bytes modexp_input(const U256& base, const U256& exponent, const U256& modulus,
                   std::string_view rest) {
  Bytes in(96);
  ledger::store_be(base, in.data());
  ledger::store_be(exponent, in.data() + 32);
  ledger::store_be(modulus, in.data() + 64);
  const Bytes tail = hex(rest);
  in.insert(in.end(), tail.begin(), tail.end());
  return in;
}

// EIP-198's first example, Fermat's little theorem; prices of three EIPs.
TEST(Precompiles, ModExp) {
  const std::string f(54, 'f');
  const Bytes fermat = modexp_input(1, 32, 32, "03" + f + "fefffffc2e" + f + "fefffffc2f");
  EXPECT_EQ(base::to_hex(run(5, fermat).output), std::string(63, '0') + "1");
  EXPECT_EQ(cost(5, fermat, Revision::kByzantium), 13056);
  EXPECT_EQ(cost(5, fermat, Revision::kBerlin), 1360);
  EXPECT_EQ(cost(5, fermat, Revision::kOsaka), 4080);
  EXPECT_EQ(cost(5, {}, Revision::kByzantium), 0);
  EXPECT_EQ(cost(5, {}, Revision::kBerlin), 200);
  EXPECT_EQ(cost(5, {}, Revision::kOsaka), 500);
  EXPECT_EQ(base::to_hex(run(5, modexp_input(1, 1, 2, "030203e8")).output), "0009");
  EXPECT_EQ(base::to_hex(run(5, modexp_input(1, 1, 2, "03020000")).output), "0000");
  EXPECT_EQ(base::to_hex(run(5, modexp_input(0, 0, 1, "05")).output), "01");
  EXPECT_EQ(base::to_hex(run(5, modexp_input(0, 0, 1, "01")).output), "00");
}

// Lengths that no memory holds: priced away or refused, never allocated. EIP-7823.
TEST(Precompiles, ModExpOfHugeLengths) {
  for (const U256& huge : {U256{1} << 40, U256{1} << 64, U256::max()}) {
    for (const auto revision : {Revision::kByzantium, Revision::kBerlin, Revision::kOsaka}) {
      EXPECT_NE(run(5, modexp_input(huge, 1, 1, ""), revision).status, Status::kSuccess);
      EXPECT_NE(run(5, modexp_input(1, huge, 1, ""), revision).status, Status::kSuccess);
      EXPECT_NE(run(5, modexp_input(1, 1, huge, ""), revision).status, Status::kSuccess);
    }
    EXPECT_EQ(run(5, modexp_input(0, huge, 0, ""), Revision::kBerlin).status, Status::kSuccess);
  }
  EXPECT_EQ(run(5, modexp_input(1024, 1, 1, ""), Revision::kOsaka).status, Status::kSuccess);
  EXPECT_EQ(run(5, modexp_input(1025, 1, 1, ""), Revision::kOsaka).status,
            Status::kPrecompileFailure);
  EXPECT_EQ(run(5, modexp_input(1025, 1, 1, ""), Revision::kPrague).status, Status::kSuccess);
}

// Sums, multiples and pairings computed by another implementation.
// A result as long as the input says, by gas that pays for it: 2^16 mod a number of 5000 bytes.
TEST(Precompiles, ModexpOfAnyLength) {
  std::string input = std::string(62, '0') + "01" + std::string(62, '0') + "01";
  input += std::string(60, '0') + "1388" + "02" + "10" + "01" + std::string(9998, '0');
  const std::string expected = std::string(9994, '0') + "010000";
  const auto result =
      run_precompile(Revision::kBerlin, ledger::small_address(5), hex(input), 1'000'000);
  ASSERT_EQ(result.status, Status::kSuccess);
  EXPECT_EQ(base::to_hex(result.output), expected);
  EXPECT_EQ(run_precompile(Revision::kBerlin, ledger::small_address(5), hex(input), 1000).status,
            Status::kOutOfGas);
  EXPECT_EQ(
      run_precompile(Revision::kOsaka, ledger::small_address(5), hex(input), 1'000'000).status,
      Status::kPrecompileFailure)
      << "EIP-7823";
}

TEST(Precompiles, Bn254RefusesBadPoints) {
  const std::string zero(64, '0');
  const std::string prime = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
  EXPECT_EQ(run(6, hex(prime + zero)).status, Status::kPrecompileFailure) << "not reduced";
  EXPECT_EQ(run(6, hex(std::string(63, '0') + "1" + zero)).status, Status::kPrecompileFailure)
      << "not on the curve";
  EXPECT_EQ(run(8, Bytes(191)).status, Status::kPrecompileFailure);
  EXPECT_EQ(run(8, Bytes(192)).status, Status::kSuccess) << "infinity twice";
  EXPECT_EQ(cost(8, Bytes(384), Revision::kByzantium), 260000);
  EXPECT_EQ(cost(8, Bytes(384), Revision::kIstanbul), 113000);
}

// On the twist, but of another order than r.
TEST(Precompiles, Bn254RefusesPointsOutsideG2) {
  const std::string zero(64, '0');
  const std::string one = std::string(63, '0') + "1";
  const std::string two = std::string(63, '0') + "2";
  const std::string stray = zero + one +
                            "0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4" +
                            "2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb";
  EXPECT_EQ(run(8, hex(one + two + stray)).status, Status::kPrecompileFailure);
  EXPECT_EQ(run(8, hex(zero + zero + stray)).status, Status::kPrecompileFailure);
}

// Identities of EIP-2537: P - P, 1 * P, r * P, e(P, Q) e(-P, Q).
const std::string kG1 =
    "0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac"
    "58"
    "6c55e83ff97a1aeffb3af00adb22c6bb0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8a"
    "e4"
    "fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";
const std::string kMinusG1 =
    "0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac"
    "58"
    "6c55e83ff97a1aeffb3af00adb22c6bb00000000000000000000000000000000114d1d6855d545a8aa7d76c8cf2e21"
    "f2"
    "67816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca";
const std::string kG2 =
    "00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1"
    "77"
    "0bac0326a805bbefd48056c8c121bdb80000000000000000000000000000000013e02b6052719f607dacd3a088274f"
    "65"
    "596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e000000000000000000000000000000"
    "00"
    "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b828"
    "01"
    "000000000000000000000000000000000606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99"
    "ab"
    "3f370d275cec1da1aaa9075ff05f79be";

TEST(Precompiles, Bls12) {
  const std::string zero(256, '0');
  const std::string one = std::string(63, '0') + "1";
  const std::string order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
  EXPECT_EQ(output(0x0b, kG1 + kMinusG1), zero);
  EXPECT_EQ(output(0x0b, kG1 + zero), kG1);
  EXPECT_EQ(output(0x0c, kG1 + one), kG1);
  EXPECT_EQ(output(0x0c, kG1 + order), zero);
  EXPECT_EQ(output(0x0c, kG1 + one + kMinusG1 + one + kG1 + one), kG1);
  EXPECT_EQ(output(0x0d, kG2 + zero + zero), kG2);
  EXPECT_EQ(output(0x0e, kG2 + one), kG2);
  EXPECT_EQ(output(0x0f, kG1 + kG2 + kMinusG1 + kG2), one);
  EXPECT_EQ(output(0x0f, kG1 + kG2 + kG1 + kG2), std::string(64, '0'));
  EXPECT_EQ(output(0x0f, zero + kG2), one);
  for (const std::uint64_t number : {0x0bU, 0x0cU, 0x0dU, 0x0eU, 0x0fU, 0x10U, 0x11U}) {
    EXPECT_EQ(run(number, {}).status, Status::kPrecompileFailure);
    EXPECT_EQ(run(number, Bytes(511, 1)).status, Status::kPrecompileFailure);
  }
  EXPECT_EQ(cost(0x0c, hex(kG1 + one + kG1 + one), Revision::kPrague), 2 * 12000 * 949 / 1000);
}

// The constant polynomial 5: commitment [5], proof at infinity, wherever it is opened.
TEST(Precompiles, KzgOfAConstant) {
  const std::string commitment =  // 5 times the generator, compressed
      "b0e7791fb972fe014159aa33a98622da3cdc98ff707965e536d8636b5fcc5ac7"
      "a91a8c46e59a00dca575af0f18fb13dc";
  const std::string infinity = "c0" + std::string(94, '0');
  const std::string hash = base::to_hex(run(2, hex(commitment)).output).replace(0, 2, "01");
  const std::string z = std::string(62, '0') + "77";
  const std::string five = std::string(63, '0') + "5";
  EXPECT_EQ(output(0x0a, hash + z + five + commitment + infinity),
            std::string(60, '0') +
                "1000"
                "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
  const std::string six = std::string(63, '0') + "6";
  EXPECT_EQ(run(0x0a, hex(hash + z + six + commitment + infinity)).status,
            Status::kPrecompileFailure);
  EXPECT_EQ(run(0x0a, hex(z + z + five + commitment + infinity)).status,
            Status::kPrecompileFailure);
  EXPECT_EQ(run(0x0a, Bytes(191)).status, Status::kPrecompileFailure);
}

// RFC 6979, A.2.5: P-256 with SHA-256 of "sample".
TEST(Precompiles, P256) {
  const std::string hash = "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf";
  const std::string r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
  const std::string s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
  const std::string x = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
  const std::string y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
  EXPECT_EQ(output(0x100, hash + r + s + x + y), std::string(63, '0') + "1");
  EXPECT_EQ(output(0x100, hash + s + r + x + y), "");
  EXPECT_EQ(output(0x100, hash + r + s + y + x), "");
  EXPECT_EQ(output(0x100, hash + r + s + x), "");
  EXPECT_EQ(cost(0x100, {}, Revision::kOsaka), 6900);
}

TEST(Precompiles, TooLittleGas) {
  const auto result = run_precompile(Revision::kOsaka, ledger::small_address(1), {}, 2999);
  EXPECT_EQ(result.status, Status::kOutOfGas);
  EXPECT_EQ(result.gas_left, 0);
  EXPECT_TRUE(result.output.empty());
}

}  // namespace
}  // namespace pel::evm::test
