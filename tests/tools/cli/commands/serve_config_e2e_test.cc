// How the daemon is configured: file, environment and flags, and the question whether it would start so.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(ServeConfig, ComesFromAFileTheEnvironmentAndFlags) {
  const CliLedger ledger;
  const std::string in_file = (ledger.directory() / "file.socket").string();
  const std::string in_environment = (ledger.directory() / "environment.socket").string();
  ProgramOptions options;
  options.environment = {{"RUNLEDGER_CONFIG", ledger.file("serve.toml", fmt::format("[serve]\nlisten = [\"unix:{}\"]\n"
                                                                                    "http = \"127.0.0.1:0\"\n"
                                                                                    "http-host = [\"runs.example\"]\n",
                                                                                    in_file))},
                         {"RUNLEDGER_SERVE_LISTEN", "unix:" + in_environment}};
  Program daemon(ledger.command({"serve", "--format", "json"}), options);
  ASSERT_TRUE(daemon.wait_for_output("\"http\""));
  EXPECT_FALSE(std::filesystem::exists(in_file));
  EXPECT_TRUE(std::filesystem::exists(in_environment));
  daemon.signal(SIGTERM);
  EXPECT_EQ(0, daemon.wait().status);
}

TEST(CheckConfig, SaysThatItWouldStartAndChangesNothing) {
  const CliLedger ledger;
  const ProgramResult checked = ledger.run({"serve", "--check-config", "--http", "127.0.0.1:0"});
  EXPECT_EQ(0, checked.status) << checked.err;
  EXPECT_EQ("it would start\n", checked.out);
  EXPECT_FALSE(std::filesystem::exists(ledger.data() / "socket"));
  EXPECT_EQ(true, ledger.json({"serve", "--check-config"}).at("ok"));
}

TEST(CheckConfig, CanBeAskedBesideTheDaemonItself) {
  const CliLedger ledger;
  Program daemon(ledger.command({"serve", "--http", "127.0.0.1:0", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  EXPECT_EQ(0, ledger.run({"serve", "--check-config"}).status);
  EXPECT_FALSE(ledger.request().empty()) << "it still serves";
}

// A name stands for an address in both.
TEST(CheckConfig, SaysOfANameWhatStartingSays) {
  const CliLedger ledger;
  char name[256] = {};
  ASSERT_EQ(0, ::gethostname(name, sizeof(name) - 1));
  const Arguments options = {"--http", fmt::format("{}:0", name), "--insecure-listen", "--format", "json"};
  Arguments check = {"serve", "--check-config"};
  check.insert(check.end(), options.begin(), options.end());
  Arguments serve = {"serve"};
  serve.insert(serve.end(), options.begin(), options.end());
  Program daemon(ledger.command(serve));
  const bool starts = daemon.wait_for_output("\n") && daemon.output().find("\"http\"") != std::string::npos;
  EXPECT_EQ(ledger.run(check).status, starts ? 0 : 2);
}

TEST(CheckConfig, NamesWhatStandsInTheWay) {
  const CliLedger ledger;
  const auto checked = [&](Arguments options) {
    options.insert(options.begin(), {"serve", "--check-config"});
    return failure(ledger.run(options));
  };
  EXPECT_EQ("2 listen.failed", checked({"--listen", "unix:/nowhere/socket"}));
  EXPECT_EQ("2 listen.failed", checked({"--listen", "unix:/tmp/" + std::string(120, 'a')}));
  EXPECT_EQ("2 listen.failed", checked({"--listen", "unix:" + ledger.file("precious", "text")}));
  EXPECT_EQ("2 listen.failed", checked({"--http", "192.0.2.1:80", "--insecure-listen"}));
  EXPECT_EQ("2 http.invalid", checked({"--http", "0.0.0.0:80"}));
  for (const char* host : {"", "runs.example:8080", "http://runs.example", "runs example", "[::1]:80"})
    EXPECT_EQ("2 http_host.invalid", checked({"--http", "127.0.0.1:0", "--http-host", host})) << host;
  for (const char* origin : {"ops.example", "https://", "https://Ops.example", "https://ops.example/", "null",
                             "https://ops.example:443", "https://ops.example:x", "https://ann@ops.example"})
    EXPECT_EQ("2 http_origin.invalid", checked({"--http", "127.0.0.1:0", "--http-origin", origin})) << origin;
  EXPECT_EQ("0 ", checked({"--http", "127.0.0.1:0", "--http-host", "[fd00::1]", "--http-host", "runs.example",
                           "--http-origin", "https://ops.example", "--http-origin", "http://[::1]:8080"}));
  EXPECT_EQ("2 mirror.dsn_invalid", checked({"--postgres", "no dsn"}));
  EXPECT_EQ("2 reconcile_every.invalid", checked({"--reconcile-every", "5"}));
  EXPECT_EQ("2 connections.invalid", checked({"--connections", "0"}));
  EXPECT_EQ("2 idle_timeout.invalid", checked({"--idle-timeout", "10"}));
  EXPECT_EQ("2 stall_timeout.invalid", checked({"--stall-timeout", "0s"}));
  EXPECT_EQ("2 usage", checked({"--nosuch"}));
  EXPECT_EQ("2 config.invalid", checked({"--config", ledger.file("wrong.toml", "[serve]\nhtp = \"127.0.0.1:80\"\n")}));
  EXPECT_EQ("2 ledger.not_found",
            failure(run_program({ledger.command({}).front(), "--data", "/nowhere", "serve", "--check-config"})));
  const std::string tokens = (ledger.data() / "access-tokens").string();
  std::filesystem::copy_file(ledger.file("tokens", "not json"), tokens);
  ::chmod(tokens.c_str(), S_IRUSR | S_IWUSR);
  EXPECT_THAT(checked({}), HasSubstr("tokens.damaged"));
}

}  // namespace
}  // namespace runledger
