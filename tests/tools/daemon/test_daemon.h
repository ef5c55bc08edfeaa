// A daemon with a ledger of its own, in the process of the test.
#pragma once

#include <filesystem>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"
#include "tools/daemon/daemon.h"

namespace runledger {

// The objects that a daemon needs from outside, made before it.
struct DaemonSurroundings {
  TemporaryDirectory directory;
  ManualClock clock{examples::at(0)};
  OperationsLog log{{.form = LogForm::kText, .least = LogLevel::kError}};
};

[[nodiscard]] Daemon::Options with_catalog(const Catalog& catalog, const Clock* clock = nullptr);

// Accepts callers only where the options name an endpoint. A test that makes its own server passes the daemon's
// authenticator() to it.
class TestDaemon : public DaemonSurroundings, public Daemon {
 public:
  // Makes a new ledger. Options without a clock get `clock`, and RPC options without a socket get socket().
  explicit TestDaemon(
      const Options& options = {}, const OnBroken& on_broken = [](std::string_view, std::string_view) {});

  [[nodiscard]] std::filesystem::path socket() const { return directory.path() / "socket"; }
};

}  // namespace runledger
