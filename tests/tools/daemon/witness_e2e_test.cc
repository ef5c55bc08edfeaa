// Witnesses that cosign the checkpoints of a real daemon over HTTP: a program in Go that keeps what it has cosigned.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <thread>

#include "ledger/base/assert.h"
#include "ledger/base/descriptor.h"
#include "ledger/evidence/audit_key.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

namespace fs = std::filesystem;

// Origin, size, root, the root of the tree of scopes, and an empty line.
constexpr std::size_t kLinesBesideSignatures = 5;

// A witness of one log, at an address of its own.
class WitnessProgram {
 public:
  WitnessProgram(const std::string& log_key, const std::string& name, const fs::path& state)
      : program_({witness_path(), log_key, name, state}, with_open_input()) {
    EXPECT_TRUE(program_.wait_for_output("\n"));
  }

  // "KEY URL", as the daemon takes it.
  [[nodiscard]] std::string address() const { return lines_of(program_.output()).at(0); }
  [[nodiscard]] std::string key() const { return address().substr(0, address().find(' ')); }

 private:
  static ProgramOptions with_open_input() {
    ProgramOptions options;
    options.input_stays_open = true;
    return options;
  }

  Program program_;
};

// Takes connections, and never answers.
class SilentServer {
 public:
  SilentServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    RUNLEDGER_ASSERT(::bind(listener_.get(), generic, size) == 0 && ::listen(listener_.get(), 64) == 0);
    RUNLEDGER_ASSERT(::getsockname(listener_.get(), generic, &size) == 0);
    port_ = ntohs(address.sin_port);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/w"; }
  void wait_for_a_caller() const {
    pollfd called{.fd = listener_.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&called, 1, 60'000), 1);
  }

 private:
  Descriptor listener_;
  unsigned port_ = 0;
};

class Witnessed : public testing::Test {
 protected:
  void append(int count) {
    for (; count > 0; --count) ledger.request(R"({"n":)" + std::to_string(++requested) + "}");
  }
  [[nodiscard]] static std::string key_of(const fs::path& data) {
    return lines_of(run_program({program_path(), "--data", data, "audit", "key", "show"}).out).at(0);
  }
  [[nodiscard]] static std::unique_ptr<Program> serve(const fs::path& data, const std::vector<std::string>& witnesses,
                                                      const Arguments& more = {}) {
    Arguments arguments{program_path(),
                        "--data",
                        data,
                        "serve",
                        "--format",
                        "json",
                        "--checkpoint-every",
                        "1s",
                        "--checkpoint-file",
                        data.string() + ".note"};
    for (const std::string& witness : witnesses) arguments.insert(arguments.end(), {"--witness", witness});
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto daemon = std::make_unique<Program>(arguments);
    EXPECT_TRUE(daemon->wait_for_output("\"listening\""));
    return daemon;
  }
  // Returns every sample of a daemon by its name and labels.
  [[nodiscard]] static std::map<std::string, double> samples_of(const Program& daemon) {
    HttpClient client(port_of(nlohmann::json::parse(lines_of(daemon.output()).at(0)).at("http")));
    client.send(http_text({.target = "/metrics", .token = {}}));
    std::map<std::string, double> all;
    for (const std::string& line : lines_of(client.read().body)) {
      const std::size_t space = line.rfind(' ');
      if (!line.starts_with('#')) all[line.substr(0, space)] = std::stod(line.substr(space + 1));
    }
    return all;
  }
  // The address of a witness under which nobody answers.
  [[nodiscard]] static std::string unreachable(const WitnessProgram& witness) {
    return witness.key() + " http://127.0.0.1:1/w";
  }
  static ProgramResult stop(Program& daemon) {
    daemon.signal(SIGTERM);
    return daemon.wait();
  }
  // Returns the lines of the newest note, once it is of so many events and has so many signatures.
  [[nodiscard]] std::vector<std::string> note_of(const fs::path& data, int events, std::size_t signatures) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const std::string file = data.string() + ".note";
    for (;;) {
      std::vector<std::string> lines = fs::exists(file) ? lines_of(read_file(file)) : std::vector<std::string>();
      if (lines.size() == kLinesBesideSignatures + signatures && lines[1] == std::to_string(events)) return lines;
      EXPECT_LT(std::chrono::steady_clock::now(), end) << ::testing::PrintToString(lines);
      if (HasFailure()) return lines;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  [[nodiscard]] ProgramResult verify(const fs::path& data, const std::vector<std::string>& witnesses) const {
    Arguments arguments{program_path(), "--data", ledger.data(), "verify", "--checkpoint", data.string() + ".note",
                        "--key",        key};
    for (const std::string& witness : witnesses) arguments.insert(arguments.end(), {"--witness", witness});
    return run_program(arguments);
  }

  CliLedger ledger;
  const std::string key = key_of(ledger.data());
  int requested = 0;
};

TEST_F(Witnessed, CheckpointsHaveACosignatureOfEachWitness) {
  const WitnessProgram first(key, "witness.example/first", ledger.directory() / "first");
  const WitnessProgram second(key, "witness.example/second", ledger.directory() / "second");
  append(3);
  const auto daemon = serve(ledger.data(), {first.address(), second.address()});
  const std::vector<std::string> note = note_of(ledger.data(), 3, 3);
  EXPECT_THAT(note[6], HasSubstr(" witness.example/first "));
  EXPECT_THAT(note[7], HasSubstr(" witness.example/second "));
  append(5);
  (void)note_of(ledger.data(), 8, 3);
  EXPECT_EQ(read_file(ledger.data() / "audit.checkpoint"), read_file(ledger.data().string() + ".note"));
  EXPECT_EQ(verify(ledger.data(), {first.key(), second.key()}).status, 0);
  append(2);
  EXPECT_EQ(stop(*daemon).status, 0);
  (void)note_of(ledger.data(), 10, 3);
  EXPECT_EQ(run_program({check_evidence_path(), key, ledger.data().string() + ".note"}).out, "checkpoint of 10\n");
}

TEST_F(Witnessed, CheckpointsStayCosignedWhenTheLedgerSignsTheSameAgain) {
  const WitnessProgram witness(key, "witness.example", ledger.directory() / "witness");
  append(3);
  const auto daemon = serve(ledger.data(), {witness.address()});
  (void)note_of(ledger.data(), 3, 2);
  EXPECT_EQ(stop(*daemon).status, 0);
  EXPECT_EQ(ledger.run({"checkpoint"}).out, read_file(ledger.data() / "audit.checkpoint"));
  const auto again = serve(ledger.data(), {});
  EXPECT_EQ(stop(*again).status, 0);
  EXPECT_THAT(lines_of(read_file(ledger.data().string() + ".note")), SizeIs(kLinesBesideSignatures + 2));
}

TEST_F(Witnessed, CheckpointsHaveOneCosignatureOfAWitnessAfterAnyNumberOfRestarts) {
  const WitnessProgram witness(key, "witness.example", ledger.directory() / "witness");
  append(3);
  for (int start = 0; start < 3; ++start) {
    const auto daemon = serve(ledger.data(), {witness.address()});
    (void)note_of(ledger.data(), 3, 2);
    EXPECT_EQ(stop(*daemon).status, 0);  // It asks for the newest one first, if it has not done so yet.
  }
  EXPECT_THAT(lines_of(read_file(ledger.data() / "audit.checkpoint")), SizeIs(kLinesBesideSignatures + 2));
}

TEST_F(Witnessed, CheckpointsKeepTheCosignatureOfAWitnessThatIsAway) {
  const WitnessProgram away(key, "witness.example/away", ledger.directory() / "away");
  const WitnessProgram late(key, "witness.example/late", ledger.directory() / "late");
  append(3);
  const auto first = serve(ledger.data(), {away.address(), unreachable(late)});
  (void)note_of(ledger.data(), 3, 2);
  EXPECT_EQ(stop(*first).status, 0);
  const auto second = serve(ledger.data(), {unreachable(away), late.address()});
  (void)note_of(ledger.data(), 3, 3);
  EXPECT_EQ(stop(*second).status, 0);
  EXPECT_EQ(verify(ledger.data(), {away.key(), late.key()}).status, 0);
}

// A stop must end well before the service manager kills the process.
TEST_F(Witnessed, ADaemonThatStopsDoesNotWaitForEachSilentWitness) {
  const WitnessProgram named(key, "witness.example", ledger.directory() / "witness");
  const SilentServer silent;
  append(3);
  const std::string address = named.key() + " " + silent.url();
  const auto daemon = serve(ledger.data(), std::vector<std::string>(8, address));
  silent.wait_for_a_caller();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(stop(*daemon).status, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(12)) << "two seconds for each were 16";
}

TEST_F(Witnessed, AWitnessThatHasSeenMoreIsAskedAgainFromThere) {
  const fs::path state = ledger.directory() / "witness";
  append(3);
  for (int restart = 0; restart < 2; ++restart) {  // The daemon has forgotten what the witness knows.
    const WitnessProgram witness(key, "witness.example", state);
    const auto daemon = serve(ledger.data(), {witness.address()});
    append(2);
    (void)note_of(ledger.data(), 5 + 2 * restart, 2);
    EXPECT_EQ(stop(*daemon).status, 0);
  }
}

// An owner with the key can keep two histories, but one witness cosigns only one of them.
TEST_F(Witnessed, AnotherHistoryOfTheSameKeyIsNotCosigned) {
  const fs::path other = ledger.directory() / "other";
  fs::copy(ledger.data(), other, fs::copy_options::recursive);
  const WitnessProgram witness(key, "witness.example", ledger.directory() / "witness");
  append(4);
  const auto daemon = serve(ledger.data(), {witness.address()});
  (void)note_of(ledger.data(), 4, 2);
  EXPECT_EQ(stop(*daemon).status, 0);
  const auto request = [&](int n) {
    ASSERT_EQ(run_program({program_path(), "--data", other, "request", "--workspace", "acme", "--type", "demo.sync",
                           "--input", R"({"n":)" + std::to_string(n) + "}"})
                  .status,
              0);
  };
  request(100);
  const auto shorter = serve(other, {witness.address()});
  ASSERT_TRUE(shorter->wait_for_error("witness.ahead"));
  (void)stop(*shorter);
  for (int n = 101; n < 108; ++n) request(n);
  const auto longer = serve(other, {witness.address()});
  ASSERT_TRUE(longer->wait_for_error("witness.other_history"));
  (void)stop(*longer);
  EXPECT_THAT(lines_of(read_file(other.string() + ".note")), SizeIs(kLinesBesideSignatures + 1))
      << "signed, but not cosigned";
  EXPECT_EQ(failure(verify(other, {witness.key()})), "5 note.not_cosigned");
}

TEST_F(Witnessed, TheDaemonGoesOnWithoutAWitness) {
  const WitnessProgram good(key, "witness.example/good", ledger.directory() / "good");
  const WitnessProgram stranger(key_of(ledger.another("another")), "witness.example/stranger",
                                ledger.directory() / "stranger");
  const std::string nobody = good.key() + " http://127.0.0.1:1/w";
  append(2);
  const auto daemon = serve(ledger.data(), {nobody, stranger.address(), good.address()});
  const std::vector<std::string> note = note_of(ledger.data(), 2, 2);
  EXPECT_THAT(note[6], HasSubstr(" witness.example/good "));
  const ProgramResult result = stop(*daemon);
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("witness.unreachable"));
  EXPECT_THAT(result.err, HasSubstr("witness.unknown_log"));
}

// Alarms watch how far a witness has come, so a restart must not look as if it had never cosigned anything.
TEST_F(Witnessed, AreInTheMetricsAlsoRightAfterARestart) {
  const WitnessProgram good(key, "witness.example/good", ledger.directory() / "good");
  const WitnessProgram away(key, "witness.example/away", ledger.directory() / "away");
  const Arguments open{"--http", "127.0.0.1:0", "--open-metrics"};
  const std::string events = "runledger_witness_events";
  const std::string time = "runledger_witness_timestamp_seconds";
  const std::string of_good = R"({witness="witness.example/good"})";
  const std::string of_away = R"({witness="witness.example/away"})";
  append(3);
  const auto first = serve(ledger.data(), {good.address(), unreachable(away)}, open);
  (void)note_of(ledger.data(), 3, 2);
  auto now = samples_of(*first);
  EXPECT_EQ(now[events + of_good], 3);
  EXPECT_EQ(now[events + of_away], 0);
  EXPECT_FALSE(now.contains(time + of_away));
  const double cosigned_at = now[time + of_good];
  EXPECT_GE(cosigned_at, now["runledger_checkpoint_timestamp_seconds"] - 2);
  EXPECT_EQ(stop(*first).status, 0);

  const fs::path remembered = ledger.data() / "audit.checkpoint";
  fs::last_write_time(remembered, fs::last_write_time(remembered) - std::chrono::hours(5));
  std::optional<AuditKey> in_use(std::in_place, ledger.data());  // Nothing can be signed.
  const auto second = serve(ledger.data(), {unreachable(good), unreachable(away)}, open);
  now = samples_of(*second);
  EXPECT_EQ(now["runledger_checkpoint_events"], 3);
  EXPECT_NEAR(now["runledger_checkpoint_timestamp_seconds"], cosigned_at - 5 * 3600, 120);
  EXPECT_EQ(now[events + of_good], 3);
  EXPECT_EQ(now[time + of_good], cosigned_at);
  EXPECT_EQ(now[events + of_away], 0);
  in_use.reset();
  EXPECT_EQ(stop(*second).status, 0);
}

TEST_F(Witnessed, RefusesWrongOptions) {
  const WitnessProgram witness(key, "witness.example", ledger.directory() / "witness");
  for (const std::string& wrong :
       {std::string("x"), witness.key(), witness.key() + " ftp://x", witness.key() + " http://a b",
        key + " http://127.0.0.1:1", witness.key() + " https://user:secret@witness.example/w"})
    EXPECT_EQ(failure(ledger.run({"serve", "--witness", wrong})), "2 witness.invalid") << wrong;
  const ProgramResult refused =
      ledger.run({"serve", "--witness", witness.key() + " https://user:secret@witness.example/w"});
  EXPECT_THAT(refused.err, HasSubstr("without a user and password"));
  EXPECT_THAT(refused.err, Not(HasSubstr("secret")));
  EXPECT_EQ(failure(ledger.run({"verify", "--witness", witness.key()})), "2 usage");
}

}  // namespace
}  // namespace runledger
