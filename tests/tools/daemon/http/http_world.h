// An HTTP server on a ledger of its own, in the test's process, with callers of several scopes and rights.
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
  // Tokens that are good from the start: kAll (the whole ledger, every right), kNorth and kSouth (tenants of workspace
  // acme, every right), kLooker (tenant north, no right).
  static constexpr char kAll[] = "all";
  static constexpr char kNorth[] = "north";
  static constexpr char kSouth[] = "south";
  static constexpr char kLooker[] = "looker";
  // Whoever looks this one up fails.
  static constexpr char kBroken[] = "broken";
  // Whoever looks this one up meets a bug.
  static constexpr char kBuggy[] = "buggy";

  explicit HttpTestWorld(const HttpOptions& options = {});

  [[nodiscard]] HttpServer& server() { return *server_; }
  [[nodiscard]] Ledger& ledger() { return daemon_.ledger(); }
  [[nodiscard]] Claims& claims() { return daemon_.claims(); }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  void revoke_all() { revoked_ = true; }
  void become_unready() { ready_ = false; }
  // What is done for each GET /metrics, on the thread that reads; kAll may ask for it.
  void on_metrics(std::function<void()> act) {
    const std::lock_guard lock(mutex_);
    on_metrics_ = std::move(act);
  }
  // "CODE: WHAT" of the last failure that was reported.
  [[nodiscard]] std::string reported() const;

  // On a connection of its own.
  HttpReply ask(const HttpAsk& ask) const;
  HttpReply ask_text(std::string_view text) const;
  HttpReply get(const std::string& target, const std::string& token = kNorth) const;
  HttpReply post(const std::string& target, const nlohmann::json& body, const std::string& token = kNorth) const;

  // Asks for a run of type demo.sync and gives its id.
  std::string request(const nlohmann::json& input, const std::string& token = kNorth) const;

 private:
  TestDaemon daemon_;
  std::map<std::string, Grant, std::less<>> grants_;
  std::atomic<bool> revoked_ = false;
  std::atomic<bool> ready_ = true;
  mutable std::mutex mutex_;  // Guards the two below.
  std::string reported_;
  std::function<void()> on_metrics_ = [] {};
  std::unique_ptr<HttpServer> server_;
};

}  // namespace runledger
