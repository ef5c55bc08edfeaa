// Callers in a closed loop, each of which requests a run, starts it and finishes it, again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "bench/compare/tally.h"

namespace runledger::compare {

struct Load {
  std::filesystem::path socket = {};     // Of the daemon, for RPC.
  std::uint16_t port = 0;                // On 127.0.0.1, for HTTP.
  std::string token = {};                // For HTTP.
  std::filesystem::path directory = {};  // Of a ledger that is opened in this process.
  std::size_t callers = 1;
  std::size_t connections = 1;  // Which the callers share, over RPC. Over HTTP each caller has its own.
  std::size_t batch = 1;        // How many runs a caller moves with one call.
};

// Each returns when all callers have ended. Throws std::runtime_error or kj::Exception for an unexpected answer, since
// refusals are not what is measured.
void load_rpc(const Load& load, Tally& tally);
void load_http(const Load& load, Tally& tally);
void load_process(const Load& load, Tally& tally);

// The workload has 20 tenants in 4 workspaces.
[[nodiscard]] std::string workspace_of(std::size_t caller);
[[nodiscard]] std::string tenant_of(std::size_t caller);

// Returns an input that no other run has.
[[nodiscard]] std::string new_input();

// Returns the 16 bytes of a new id. Ids of one process grow, as those of version 7 do.
[[nodiscard]] std::string new_id();

inline constexpr const char* kType = "devices.inventory";
inline constexpr const char* kWorker = "worker-1";
// The counts of a finished attempt; the values are small.
inline constexpr const char* kCounts[] = {"failed", "items", "processed", "skipped", "succeeded", "total"};

}  // namespace runledger::compare
