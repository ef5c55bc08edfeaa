// What `doctor` found of one thing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/enum_words.h"

namespace runledger {

enum class CheckStatus : std::uint8_t { kOk, kProblem, kUnchecked };
template <>
inline constexpr auto kEnumWords<CheckStatus> = enum_words<CheckStatus>({{CheckStatus::kOk, "ok"},
                                                                         {CheckStatus::kProblem, "problem"},
                                                                         {CheckStatus::kUnchecked, "unchecked"}});

struct Check {
  std::string name;  // What was checked: "flush".
  CheckStatus status = CheckStatus::kOk;
  std::string code;    // Of a problem: "doctor.flush_ignored".
  std::string detail;  // What was found.
  std::string remedy;  // Of a problem, what to do; of an unchecked thing, how to have it checked. Empty when it is ok.
};

using Checks = std::vector<Check>;

[[nodiscard]] inline Check ok(std::string_view name, std::string detail) {
  return {.name = std::string(name), .status = CheckStatus::kOk, .code = {}, .detail = std::move(detail), .remedy = {}};
}
[[nodiscard]] inline Check problem(std::string_view name, std::string_view code, std::string detail,
                                   std::string remedy) {
  return {.name = std::string(name),
          .status = CheckStatus::kProblem,
          .code = std::string(code),
          .detail = std::move(detail),
          .remedy = std::move(remedy)};
}
[[nodiscard]] inline Check unchecked(std::string_view name, std::string detail, std::string remedy) {
  return {.name = std::string(name),
          .status = CheckStatus::kUnchecked,
          .code = {},
          .detail = std::move(detail),
          .remedy = std::move(remedy)};
}

}  // namespace runledger
