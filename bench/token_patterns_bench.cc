// Measures the search for tokens that their prefixes give away: by the detector's index, and by RE2 with the same table
// as one pattern, without the conditions on what stands before a token, which RE2 has no form for.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/secrets/token_rules.h"
#include "ledger/secrets/tokens.h"

namespace runledger {
namespace {

constexpr std::size_t kTextSize = 1024UL * 1024;

std::string repeated(std::string_view piece) {
  std::string text;
  while (text.size() < kTextSize) text += piece;
  return text;
}

std::string characters_of(TokenBody body) {
  switch (body) {
    case TokenBody::kDigits:
      return "[0-9]";
    case TokenBody::kHex:
      return "[0-9A-Fa-f]";
    case TokenBody::kUuid:
      return "[0-9A-Fa-f-]";
    case TokenBody::kUpper:
      return "[0-9A-Z]";
    case TokenBody::kAlnum:
      return "[0-9A-Za-z]";
    case TokenBody::kUrl:
      return "[0-9A-Za-z_-]";
    case TokenBody::kDotted:
      return "[0-9A-Za-z_.-]";
    case TokenBody::kBase64:
      return "[0-9A-Za-z+/=]";
    case TokenBody::kCrypt:
      return "[0-9A-Za-z+/=.$,:_-]";
    case TokenBody::kVisible:
      return "[^ \\t\\r\\n\"'`]";
  }
  return {};
}

std::string pattern_of_all_rules() {
  std::vector<std::string> patterns;
  for (const TokenRule& rule : token_rules())
    patterns.push_back(fmt::format("{}{}{{{},}}",
                                   RE2::QuoteMeta(re2::StringPiece(rule.prefix.data(), rule.prefix.size())),
                                   characters_of(rule.body), rule.size_min));
  return fmt::format("({})", fmt::join(patterns, "|"));
}

std::size_t count_by_index(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (!token_index().may_end_prefix(text[i - 1], text[i])) continue;
    const auto span = token_index().find(text, i);
    if (!span) continue;
    ++count;
    i = span->end;
  }
  return count;
}

std::size_t count_by_re2(const RE2& pattern, std::string_view text) {
  re2::StringPiece rest(text.data(), text.size());
  std::size_t count = 0;
  while (RE2::FindAndConsume(&rest, pattern)) ++count;
  return count;
}

constexpr std::array kPieces = std::to_array<std::string_view>(
    {"The run 17 failed after 3 s at step 4. ", "ghp_ ", "a-b_c.d/e=f ", "ghp_0123456789abcdefghij "});

[[maybe_unused]] const bool registered = [] {
  for (const std::string_view piece : kPieces) {
    benchmark::RegisterBenchmark(fmt::format("Index/{}", piece).c_str(), [piece](benchmark::State& state) {
      const std::string text = repeated(piece);
      for (auto _ : state) benchmark::DoNotOptimize(count_by_index(text));
    })->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(fmt::format("Re2/{}", piece).c_str(), [piece](benchmark::State& state) {
      RE2::Options options;
      options.set_max_mem(256L << 20U);
      options.set_longest_match(true);
      const RE2 pattern(pattern_of_all_rules(), options);
      RUNLEDGER_ASSERT(pattern.ok());
      const std::string text = repeated(piece);
      RUNLEDGER_ASSERT(count_by_re2(pattern, text) == count_by_index(text));
      for (auto _ : state) benchmark::DoNotOptimize(count_by_re2(pattern, text));
    })->Unit(benchmark::kMillisecond);
  }
  return true;
}();

}  // namespace
}  // namespace runledger
