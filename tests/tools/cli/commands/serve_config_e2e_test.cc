// The configuration of the daemon by file, environment and flags, and the check whether it would start with it.
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
  EXPECT_EQ(daemon.wait().status, 0);
}

// Without a catalog of the user's, all of his types are unlisted.
TEST(ServeConfig, WarnsOfTypesThatAGivenCatalogDoesNotList) {
  const CliLedger ledger;
  const std::string catalog = ledger.file("catalog.json", R"({"types":[{"type":"demo.sync"}]})");
  const auto warnings_of = [&](const Arguments& options, const std::string& type) {
    Arguments request = options;
    request.insert(request.end(), {"request", "--workspace", "acme", "--type", type});
    return ledger.json(request).value("warnings", json());
  };
  EXPECT_EQ(warnings_of({}, "demo.misspelt"), json());
  EXPECT_EQ(warnings_of({"--catalog", catalog}, "demo.sync"), json());
  EXPECT_EQ(warnings_of({"--catalog", catalog}, "demo.misspelt"),
            json::parse(R"([{"code":"type.unknown","path":"type"}])"));
  const auto errors_of_exec = [&](const Arguments& options) {
    Arguments exec = options;
    exec.insert(exec.end(), {"exec", "--workspace", "acme", "--type", "demo.misspelt", "--force", "--", "true"});
    return ledger.run(exec).err;
  };
  EXPECT_EQ(errors_of_exec({}), "");
  EXPECT_EQ(errors_of_exec({"--catalog", catalog}), "runledger: warning: type.unknown: type\n");
}

TEST(ServeConfig, CanRefuseTypesThatTheCatalogDoesNotList) {
  const CliLedger ledger;
  Program daemon(ledger.command({"serve", "--format", "json", "--strict-types", "--catalog",
                                 ledger.file("catalog.json", R"({"types":[{"type":"demo.sync"}]})")}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  EXPECT_EQ(failure(ledger.run({"request", "--workspace", "acme", "--type", "demo.misspelt"})), "2 type.unknown");
  EXPECT_EQ(failure(ledger.run({"exec", "--workspace", "acme", "--type", "demo.misspelt", "--", "true"})),
            "125 type.unknown");
  EXPECT_EQ(ledger.json({"request", "--workspace", "acme", "--type", "demo.sync"}).count("warnings"), 0U);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

TEST(CheckConfig, SaysThatItWouldStartAndChangesNothing) {
  const CliLedger ledger;
  const ProgramResult checked = ledger.run({"serve", "--check-config", "--http", "127.0.0.1:0"});
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_EQ(checked.out, "it would start\n");
  EXPECT_FALSE(std::filesystem::exists(ledger.data() / "socket"));
  EXPECT_EQ(ledger.json({"serve", "--check-config"}).at("ok"), true);
}

TEST(CheckConfig, CanBeAskedBesideTheDaemonItself) {
  const CliLedger ledger;
  Program daemon(ledger.command({"serve", "--http", "127.0.0.1:0", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  EXPECT_EQ(ledger.run({"serve", "--check-config"}).status, 0);
  EXPECT_FALSE(ledger.request().empty()) << "the daemon still serves";
}

// The addresses of the daemon itself are free once it has ended. Those of others are not.
TEST(CheckConfig, FindsAddressesThatOtherProcessesHave) {
  const CliLedger ledger;
  const CliLedger other;
  Program stranger(other.command({"serve", "--http", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--format", "json"}));
  ASSERT_TRUE(stranger.wait_for_output("\n"));
  const json taken = json::parse(stranger.output());
  const std::string http = fmt::format("127.0.0.1:{}", port_of(taken.at("http")));
  const std::string rpc = fmt::format("127.0.0.1:{}", port_of(taken.at("rpc").at(1)));
  const std::string socket = taken.at("rpc").at(0);
  const auto checked = [&](const CliLedger& of, const Arguments& options) {
    Arguments arguments{"serve", "--check-config"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return failure(of.run(arguments));
  };
  for (const bool is_served : {false, true}) {
    std::unique_ptr<Program> daemon;
    if (is_served) {
      daemon = std::make_unique<Program>(ledger.command({"serve", "--format", "json"}));
      ASSERT_TRUE(daemon->wait_for_output("\n"));
    }
    EXPECT_EQ(checked(ledger, {"--http", http}), "2 listen.failed");
    EXPECT_EQ(checked(ledger, {"--listen", rpc}), "2 listen.failed");
    EXPECT_EQ(checked(ledger, {"--listen", socket}), "2 listen.failed");
  }
  EXPECT_EQ(checked(other, {"--http", http, "--listen", rpc}), "0 ");
  EXPECT_EQ(checked(other, {"--http", http, "--listen", socket}), "0 ");
  stranger.signal(SIGKILL);
  stranger.wait();
  EXPECT_EQ(checked(ledger, {"--http", http, "--listen", rpc, "--listen", socket}), "0 ") << "the socket is abandoned";
}

// The check resolves a host name just as starting does.
TEST(CheckConfig, SaysOfANameWhatStartingSays) {
  const CliLedger ledger;
  char name[256] = {};
  ASSERT_EQ(::gethostname(name, sizeof(name) - 1), 0);
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
  EXPECT_EQ(checked({"--listen", "unix:/nowhere/socket"}), "2 listen.failed");
  EXPECT_EQ(checked({"--listen", "unix:/tmp/" + std::string(120, 'a')}), "2 listen.failed");
  EXPECT_EQ(checked({"--listen", "unix:" + ledger.file("precious", "text")}), "2 listen.failed");
  EXPECT_EQ(checked({"--http", "192.0.2.1:80", "--insecure-listen"}), "2 listen.failed");
  EXPECT_EQ(checked({"--http", "0.0.0.0:80"}), "2 http.invalid");
  for (const char* host : {"", "runs.example:8080", "http://runs.example", "runs example", "[::1]:80", "fd00::g"})
    EXPECT_EQ(checked({"--http", "127.0.0.1:0", "--http-host", host}), "2 http_host.invalid") << host;
  for (const char* origin : {"ops.example", "https://", "https://Ops.example", "https://ops.example/", "null",
                             "https://ops.example:443", "https://ops.example:x", "https://ann@ops.example"})
    EXPECT_EQ(checked({"--http", "127.0.0.1:0", "--http-origin", origin}), "2 http_origin.invalid") << origin;
  EXPECT_EQ(checked({"--http", "127.0.0.1:0", "--http-host", "[fd00::1]", "--http-host", "fd00::7", "--http-host",
                     "runs.example", "--http-origin", "https://ops.example", "--http-origin", "http://[::1]:8080"}),
            "0 ");
  EXPECT_EQ(checked({"--postgres", "no dsn"}), "2 mirror.dsn_invalid");
  EXPECT_EQ(checked({"--reconcile-every", "5"}), "2 reconcile_every.invalid");
  EXPECT_EQ(checked({"--connections", "0"}), "2 connections.invalid");
  EXPECT_EQ(checked({"--idle-timeout", "10"}), "2 idle_timeout.invalid");
  EXPECT_EQ(checked({"--stall-timeout", "0s"}), "2 stall_timeout.invalid");
  EXPECT_EQ(checked({"--lock-wait", "forever"}), "2 lock_wait.invalid");
  EXPECT_EQ(checked({"--nosuch"}), "2 usage");
  EXPECT_EQ(checked({"--config", ledger.file("wrong.toml", "[serve]\nhtp = \"127.0.0.1:80\"\n")}), "2 config.invalid");
  EXPECT_EQ(failure(run_program({ledger.command({}).front(), "--data", "/nowhere", "serve", "--check-config"})),
            "2 ledger.not_found");
  const std::string tokens = (ledger.data() / "access-tokens").string();
  std::filesystem::copy_file(ledger.file("tokens", "not json"), tokens);
  ::chmod(tokens.c_str(), S_IRUSR | S_IWUSR);
  EXPECT_THAT(checked({}), HasSubstr("tokens.damaged"));
}

}  // namespace
}  // namespace runledger
