// Measures the sanitiser on a mebibyte of ordinary text, and of text that repeats what the detector looks for; and the
// detector on the longest text that it reads as a whole, the input of a run.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <string_view>

#include "ledger/secrets/detector.h"
#include "ledger/secrets/sanitized_text.h"

namespace runledger {
namespace {

constexpr std::size_t kTextSize = 1024UL * 1024;
constexpr std::size_t kInputSize = 64UL * 1024;

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  return text;
}

// One word of many names, each of which has the same closers at its end.
std::string names_before_closers() {
  return repeated("session=", kTextSize / 2) + repeated(")", kTextSize / 2);
}

void Sanitize(benchmark::State& state, const std::string& text) {
  for (auto _ : state) benchmark::DoNotOptimize(sanitize(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void Redact(benchmark::State& state, const std::string& text) {
  for (auto _ : state) benchmark::DoNotOptimize(redact_secrets(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

// One for each kind of trigger, and for each kind of work that may be done in vain.
constexpr std::array kPieces = std::to_array<std::string_view>({"The run 17 failed after 3 s at step 4. ",
                                                                "a b c d e f ",
                                                                "é ",
                                                                "ﷺ",
                                                                "&amp;",
                                                                "\\u003d",
                                                                "\x1b]",
                                                                "[0m",
                                                                "password=x ",
                                                                "password is ",
                                                                "token token ",
                                                                "d=",
                                                                "pin=",
                                                                "session=",
                                                                "?code=",
                                                                "jwt:",
                                                                "sig=",
                                                                "key=",
                                                                "name=password value=",
                                                                "value=x name=password ",
                                                                "<a name=password>",
                                                                "cookie: a=b;",
                                                                "authorization: digest a=",
                                                                "-u a:b1c2d3 ",
                                                                "-p x ",
                                                                "mysql -p",
                                                                "| sudo -S",
                                                                "a/b@",
                                                                "://a:b@",
                                                                "a:5432:b:c:",
                                                                "12345678:AA",
                                                                "eyJhbGciOi.eyJ",
                                                                "Bearer ",
                                                                "-----BEGIN ",
                                                                "ghp_",
                                                                "sk-",
                                                                "$6$",
                                                                "パスワード",
                                                                "パスワードはa",
                                                                "{\"a\":",
                                                                "[\"-p\",\"x\",",
                                                                "{\"password\":[\"x1y2z3\",",
                                                                "login(",
                                                                "login('a','B.Cdefg') ",
                                                                "values (",
                                                                "requirepass ",
                                                                "net use a b ",
                                                                "/pass:",
                                                                "credentials: a / ",
                                                                "password....\"",
                                                                "s:8:\"password\";s:4:\"",
                                                                "1234 is your ",
                                                                "a1b2c3 as the ",
                                                                "backup codes: a1b2c3 ",
                                                                "{\"d\":\"abcdefgh12345678\",",
                                                                "REG_SZ ",
                                                                "USER a PASS ",
                                                                "SSID a key ",
                                                                "db_a_b=",
                                                                "a&b",
                                                                "-----BEGIN PRIVATE KEY-----"});

[[maybe_unused]] const bool registered = [] {
  for (const std::string_view piece : kPieces) {
    benchmark::RegisterBenchmark(("Sanitize/" + std::string(piece)).c_str(), [piece](benchmark::State& state) {
      Sanitize(state, repeated(piece, kTextSize));
    })->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("Redact/" + std::string(piece)).c_str(), [piece](benchmark::State& state) {
      Redact(state, repeated(piece, kInputSize));
    })->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("Sanitize/session=…)…", [](benchmark::State& state) {
    Sanitize(state, names_before_closers());
  })->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
}  // namespace runledger
