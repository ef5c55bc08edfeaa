// Secrets in every option and in every text of a journal are never stored and never printed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ledger/log/store/store.h"
#include "tests/fixtures/data/secrets.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/stored_text.h"

namespace runledger {
namespace {

using fixtures::FakeSecret;
using fixtures::found_in;
using nlohmann::json;

// Returns the bytes of every file, and every key and value of the store, decompressed.
std::string at_rest(const std::filesystem::path& data) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
    all += entry.path().string() + "\n";
    if (entry.is_regular_file()) all += read_file(entry.path());
  }
  Store::Options options;
  options.directory = data;
  all += fixtures::stored_text(Store(options));
  return all;
}

std::string quoted(const std::string& text) {
  return json(text).dump();
}

// Returns lines with the secret in each of their texts: in those that are sanitised and in those that are refused.
std::string journal_with(const FakeSecret& secret, int number) {
  const std::string run = fmt::format("run-{}", number);
  const std::string text = quoted("it said: " + secret.text + " and hung up");
  const std::string at = R"("at":"2026-01-05T08:00:00Z"})";
  const auto line = [&](const std::string& kind, const std::string& members) {
    return fmt::format("{{\"kind\":\"{}\",{},{}\n", kind, members, at);
  };
  const std::string scope = R"("workspace":"acme","type":"demo.sync")";
  return line("requested", fmt::format(R"("run":"{}",{},"input":{{"n":{}}})", run, scope, number)) +
         line("requested", fmt::format(R"("run":"x{}",{},"input":{{"note":{}}})", run, scope, text)) +
         line("requested", fmt::format(R"("run":"y{}",{},"input":{{{}:1}})", run, scope, quoted(secret.text))) +
         line("requested", fmt::format(R"("run":{},{})", quoted(secret.text), scope)) +
         line("requested", fmt::format(R"("run":"z","workspace":{},"type":"demo.sync")", quoted(secret.text))) +
         line("requested", fmt::format(R"("run":"z","workspace":"a","tenant":{},"type":"t")", quoted(secret.text))) +
         line("requested", fmt::format(R"("run":"z","workspace":"a","type":{})", quoted(secret.text))) +
         line("attempt-started", fmt::format(R"("run":"{}","attempt":"a1","worker":{})", run, text)) +
         line("attempt-started", fmt::format(R"("run":"{}","attempt":{})", run, quoted(secret.text))) +
         line("attempt-finished",
              fmt::format(R"("run":"{}","attempt":"a1","outcome":"failed","failure":{{"reason_code":"demo.failed",)"
                          R"("message":{}}})",
                          run, text)) +
         line("attempt-finished", fmt::format(R"("run":"{}","attempt":"a1","outcome":{})", run, quoted(secret.text))) +
         line("attempt-finished",
              fmt::format(R"("run":"{}","attempt":"a1","outcome":"failed","summary_counts":{{{}:1}})", run,
                          quoted(secret.text))) +
         line("failed", fmt::format(R"("run":"{}","reason_code":{})", run, quoted(secret.text))) +
         line("failed", fmt::format(R"("run":"{}","reason_code":"job.failed","message":{})", run, text)) +
         line(secret.text.find('"') == std::string::npos ? secret.text : "odd", R"("run":"r")") + secret.text + "\n";
}

TEST(Secrets, InAJournalComeToRestNowhere) {
  const std::vector<FakeSecret> secrets = fixtures::fake_secrets();
  ASSERT_GE(secrets.size(), 200U);
  std::string journal;
  int number = 0;
  for (const FakeSecret& secret : secrets) journal += journal_with(secret, ++number);
  const CliLedger ledger;
  ProgramOptions options;
  options.input = journal;
  const ProgramResult imported = ledger.run({"import", "-", "--format", "json"}, options);
  ASSERT_EQ(imported.status, 0) << imported.err;
  const json report = json::parse(imported.out);
  EXPECT_GE(report.at("applied").get<std::size_t>(), 4 * secrets.size());
  EXPECT_GE(report.at("rejected").at("input.secret").get<std::size_t>(), secrets.size());
  std::string output = imported.out + imported.err;
  for (const Arguments& command : std::vector<Arguments>{{"list", "--limit", "1000", "--format", "json"},
                                                         {"replay"},
                                                         {"replay", "--state", "--format", "json"},
                                                         {"export"},
                                                         {"stats"},
                                                         {"verify"}}) {
    const ProgramResult result = ledger.run(command);
    EXPECT_EQ(result.status, 0) << result.err;
    output += result.out + result.err;
  }
  EXPECT_NE(output.find("[redacted]"), std::string::npos);
  EXPECT_EQ(found_in(output, secrets), "");
  EXPECT_EQ(found_in(at_rest(ledger.data()), secrets), "");
}

// Only one secret of every kind, because each takes a dozen starts of the program.
TEST(Secrets, TypedIntoOptionsComeToRestNowhere) {
  std::vector<FakeSecret> secrets;
  for (std::size_t kind = 0; kind < fixtures::fake_secret_kinds(); ++kind)
    secrets.push_back(fixtures::fake_secret(kind, 20260105));
  const CliLedger ledger;
  std::string output;
  const auto run = [&](const Arguments& command) {
    const ProgramResult result = ledger.run(command);
    output += result.out + result.err;
    return result.status;
  };
  int number = 0;
  for (const FakeSecret& secret : secrets) {
    const std::string& text = secret.text;
    const std::string id = ledger
                               .json({"request", "--workspace", "acme", "--type", "demo.sync", "--input",
                                      fmt::format("{{\"n\":{}}}", ++number), "--initiator", text})
                               .at("run_id");
    EXPECT_EQ(run({"request", "--workspace", "acme", "--type", "demo.sync", "--input",
                   fmt::format("{{\"note\":{}}}", quoted(text))}),
              2)
        << secret.kind;
    EXPECT_EQ(run({"request", "--workspace", "acme", "--type", text}), 2) << secret.kind;
    EXPECT_EQ(run({"show", text}), 2) << secret.kind;
    EXPECT_EQ(run({"--format", "json", "list", "--cursor", text}), 2) << secret.kind;
    const json started = ledger.json({"start", id, "--worker", text});
    EXPECT_EQ(run({"finish", id, "--attempt", "1", "--token", started.at("token").dump(), "--outcome", "failed",
                   "--failure", "demo.failed:" + text}),
              0)
        << secret.kind;
    EXPECT_EQ(run({"fail", id, "--reason", "job.failed", "--message", text, "--initiator", text}), 0) << secret.kind;
    EXPECT_EQ(run({"show", id, "--events"}), 0) << secret.kind;
  }
  EXPECT_EQ(found_in(output, secrets), "");
  EXPECT_EQ(found_in(at_rest(ledger.data()), secrets), "");
}

}  // namespace
}  // namespace runledger
