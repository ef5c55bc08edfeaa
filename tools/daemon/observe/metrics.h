// Metrics of the daemon for Prometheus. This is the only pair of files that uses prometheus-cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/commit_report.h"
#include "ledger/values/sequence.h"
#include "ledger/values/time.h"
#include "tools/daemon/observe/run_standing.h"
#include "tools/daemon/observe/transport.h"

namespace runledger {

// The newest checkpoint that the ledger has signed.
struct CheckpointStanding {
  std::uint64_t events = 0;  // Its size.
  Time at;                   // When it was signed.
};

// The newest checkpoint that was handed out to a place outside of the ledger's directory, by this process.
struct HandedOutStanding {
  std::string_view place;                    // "postgres" or "file".
  std::optional<CheckpointStanding> newest;  // `at` is when it was handed out; absent while none was.
};

// The newest checkpoint that a witness has cosigned, as far as the daemon knows.
struct WitnessStanding {
  std::string name;
  std::uint64_t events = 0;                // Its size; 0 while none is known.
  std::optional<std::uint64_t> unix_time;  // When it was cosigned, by the clock of the witness; absent likewise.
};

// The state of the daemon at the moment when the metrics are read.
struct DaemonStanding {
  Sequence head;                   // The position of the last event.
  Sequence rows;                   // The checkpoint of the local rows.
  std::optional<Sequence> mirror;  // The checkpoint of the mirror; zero while unknown, absent without a mirror.
  std::optional<bool> mirror_stopped = {};            // As FollowedMirror::stopped().
  std::optional<CheckpointStanding> checkpoint = {};  // Absent while the ledger has signed none.
  std::vector<HandedOutStanding> handed_out = {};     // Of each place that checkpoints go to.
  std::vector<WitnessStanding> witnesses = {};        // Of each witness that is asked.
  std::size_t queue_depth = 0;                        // Commands that wait for the sequencer.
  std::optional<RunStanding> runs = {};               // As the local rows have them; absent until they have all events.
  bool ready = true;                                  // As /readyz has it.
  std::optional<std::uint64_t> free_bytes = {};       // Where the ledger is; absent when the system does not say.
  std::optional<std::uint64_t> resident_bytes = {};   // The process's memory; absent likewise.
  std::optional<Time> certificate_ends_at = {};       // Absent when the daemon shows no certificate.
  std::optional<Time> token_ends_at = {};             // As TokenStore::first_end().
  std::optional<std::chrono::seconds> backup_interval = {};  // Absent when the daemon makes no backups by itself.
};

// A request over HTTP that was answered.
struct HttpAnswered {
  std::string_view route;  // The path of the route as the table has it, never as the caller wrote it. Empty: no route.
  std::string_view method;
  unsigned status = 200;
  std::string_view code = {};                  // Empty: the request was not refused.
  std::chrono::steady_clock::duration took{};  // From its header to its response.
};

// Counts what happens in the daemon. Any thread may use it, and no function blocks for long. Every label is a word of
// the program, the name of a witness or a type of the catalog: no scope, id or text from a caller becomes one, so the
// number of series is bounded, however the daemon is used.
class DaemonMetrics {
 public:
  DaemonMetrics();
  ~DaemonMetrics();

  void committed(const CommitReport& report);  // The sequencer calls it after each commit.
  // The mark beside the store (ledger/log/mark.h) could not be written.
  void mark_failed();
  // The newest backup of the daemon's directory: one that it has made, or one that was there when it began.
  void backed_up(Time at, std::uint64_t bytes, std::uint64_t new_bytes);
  void backup_failed();
  void paused();                              // The process had not run for a while.
  void answered(const HttpAnswered& answer);  // Also counts answer.code as rejected().
  void called(std::string_view method, CallEnd end, std::chrono::steady_clock::duration took);  // Over RPC.
  void rejected(std::string_view code);
  void connection_opened(Transport transport);
  void connection_closed(Transport transport);
  void connection_refused(Transport transport);
  void connection_cut(Transport transport, CloseReason why);
  void handshake_failed(Transport transport);
  void authentication_failed(Transport transport);

  // Returns all metrics in the text format of Prometheus, version 0.0.4.
  [[nodiscard]] std::string text(const DaemonStanding& standing);
  static constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
