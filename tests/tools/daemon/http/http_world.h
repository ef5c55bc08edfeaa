// An HTTP server with a ledger of its own, in the process of the test, and tokens of several scopes and rights.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "tests/fixtures/world/http_client.h"
#include "tests/tools/daemon/test_daemon.h"
#include "tools/daemon/http/server.h"

namespace runledger {

class HttpTestWorld {
 public:
  // The accepted tokens: kAll (the whole ledger, every right), kNorth and kSouth (tenants of workspace acme, every
  // right), kAcme and kGlobex (workspaces, every right), kLooker (tenant north, no right).
  static constexpr char kAll[] = "all";
  static constexpr char kNorth[] = "north";
  static constexpr char kSouth[] = "south";
  static constexpr char kAcme[] = "acme";
  static constexpr char kGlobex[] = "globex";
  static constexpr char kLooker[] = "looker";
  // With a digit after it: the token of a tenant of its own, with every right.
  static constexpr char kSingle[] = "single-";
  // As kSouth; a read with it is held up as on_slow() says.
  static constexpr char kSlow[] = "slow";
  // Looking up this token throws a Failure.
  static constexpr char kBroken[] = "broken";
  // Looking up this token throws an exception that only a bug would throw.
  static constexpr char kBuggy[] = "buggy";

  explicit HttpTestWorld(const HttpOptions& options = {});

  [[nodiscard]] HttpServer& server() { return *server_; }
  [[nodiscard]] Ledger& ledger() { return daemon_.ledger(); }
  [[nodiscard]] Claims& claims() { return daemon_.claims(); }
  // The waits for a mirror that the test itself moves.
  [[nodiscard]] MirrorWaits& mirror() { return mirror_; }
  [[nodiscard]] ManualClock& clock() { return daemon_.clock; }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  void revoke_all() { revoked_ = true; }
  void become_unready() { ready_ = false; }
  // Sets the function that every read with kSlow calls, in the thread that reads.
  void on_slow(std::function<void()> act) {
    const std::lock_guard lock(mutex_);
    on_slow_ = std::move(act);
  }
  // Returns "CODE: WHAT" of the last failure that the server reported.
  [[nodiscard]] std::string reported() const;

  // Each of these opens a connection of its own.
  HttpReply ask(const HttpAsk& ask) const;
  HttpReply ask_text(std::string_view text) const;
  HttpReply get(const std::string& target, const std::string& token = kNorth) const;
  HttpReply post(const std::string& target, const nlohmann::json& body, const std::string& token = kNorth) const;

  // Requests a run of type demo.sync and returns its id.
  std::string request(const nlohmann::json& input, const std::string& token = kNorth) const;

 private:
  void hold_up() const;

  TestDaemon daemon_;
  MirrorWaits mirror_;
  std::map<std::string, Grant, std::less<>> grants_;
  std::atomic<bool> revoked_ = false;
  std::atomic<bool> ready_ = true;
  mutable std::mutex mutex_;  // Guards reported_ and on_slow_.
  std::string reported_;
  std::function<void()> on_slow_ = [] {};
  std::unique_ptr<HttpServer> server_;
};

}  // namespace runledger
