// A daemon on a ledger of its own, in the test's process.
#pragma once

#include <filesystem>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"
#include "tools/daemon/daemon.h"

namespace runledger {

// What the daemon of a test needs from outside.
struct DaemonSurroundings {
  TemporaryDirectory directory;
  ManualClock clock{examples::at(0)};
  OperationsLog log{{.form = LogForm::kText, .least = LogLevel::kError}};
};

[[nodiscard]] Daemon::Options with_catalog(const Catalog& catalog, const Clock* clock = nullptr);

// Serves nobody but those whom the options name. Tests that set up a server by themselves give it the daemon's gate().
class TestDaemon : public DaemonSurroundings, public Daemon {
 public:
  // In a new ledger. Where the options have no clock, it goes by `clock`; RPC without a socket is served at socket().
  explicit TestDaemon(
      const Options& options = {}, const OnBroken& on_broken = [](std::string_view, std::string_view) {});

  [[nodiscard]] std::filesystem::path socket() const { return directory.path() / "socket"; }
};

}  // namespace runledger
