// SPDX-License-Identifier: Apache-2.0
#pragma once

// Compiled contracts out of npm packages, and what is sent to them (Solidity's ABI).

#include <initializer_list>
#include <string>
#include <string_view>

#include "pel/ledger/types.hpp"

namespace pel::cli {

// A contract as an npm package carries it compiled: in JSON with a member "bytecode".
struct ContractFile {
  const char* package;  // "name@version"
  const char* path;     // below the folder of the packages
};

inline constexpr ContractFile kTokenFile{
    "@openzeppelin/contracts@4.9.6",
    "@openzeppelin/contracts/build/contracts/ERC20PresetMinterPauser.json"};
inline constexpr ContractFile kWethFile{"canonical-weth@1.4.0",
                                        "canonical-weth/build/contracts/WETH9.json"};
inline constexpr ContractFile kFactoryFile{
    "@uniswap/v3-core@1.0.1",
    "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json"};
inline constexpr ContractFile kRouterFile{
    "@uniswap/v3-periphery@1.4.4",
    "@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json"};
inline constexpr ContractFile kPositionsFile{
    "@uniswap/v3-periphery@1.4.4",
    "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/"
    "NonfungiblePositionManager.json"};

// The code that creates the contract, without arguments of its constructor. Throws pel::Error
// naming the file, with the package to install, where it is missing or holds no such code.
ledger::Bytes creation_code(const std::string& packages, const ContractFile& file);

using Words = std::initializer_list<ledger::U256>;

// Appends words of 32 bytes: arguments of a constructor.
void append_words(ledger::Bytes& out, Words words);

// A call of "name(type,...)" whose arguments are words, as are the members of a static tuple.
ledger::Bytes call_data(std::string_view signature, Words words);

}  // namespace pel::cli
