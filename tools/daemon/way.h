// The ways into the daemon.
#pragma once

#include <cstdint>
#include <string_view>

namespace runledger {

enum class Way : std::uint8_t { kRpc, kHttp };
inline constexpr Way kAllWays[] = {Way::kRpc, Way::kHttp};
[[nodiscard]] std::string_view to_string(Way way);  // "rpc", "http"

// Why the daemon ends a connection that its caller has not ended.
enum class Cut : std::uint8_t {
  kIdle,             // Nothing was asked for too long.
  kSlowSender,       // What was begun did not come whole in time.
  kSlowReader,       // What was sent was not taken in time.
  kUnauthenticated,  // It did not say who it is in time.
};
inline constexpr Cut kAllCuts[] = {Cut::kIdle, Cut::kSlowSender, Cut::kSlowReader, Cut::kUnauthenticated};
// "idle", "slow-sender", "slow-reader", "unauthenticated"
[[nodiscard]] std::string_view to_string(Cut cut);

}  // namespace runledger
