// The ways into the daemon.
#pragma once

#include <cstdint>
#include <string_view>

namespace runledger {

enum class Transport : std::uint8_t { kRpc, kHttp };
inline constexpr Transport kAllTransports[] = {Transport::kRpc, Transport::kHttp};
[[nodiscard]] std::string_view to_string(Transport transport);  // "rpc", "http"

// Why the daemon ends a connection that its caller has not ended.
enum class CloseReason : std::uint8_t {
  kIdle,             // Nothing was asked for too long.
  kSlowSender,       // What was begun did not come whole in time.
  kSlowReader,       // What was sent was not taken in time.
  kUnauthenticated,  // It did not say who it is in time.
  kMadeRoom,         // There was no room for somebody else, and it did nothing.
};
inline constexpr CloseReason kAllCloseReasons[] = {CloseReason::kIdle, CloseReason::kSlowSender,
                                                   CloseReason::kSlowReader, CloseReason::kUnauthenticated,
                                                   CloseReason::kMadeRoom};
// "idle", "slow-sender", "slow-reader", "unauthenticated", "made-room"
[[nodiscard]] std::string_view to_string(CloseReason cut);

// How a call over RPC ended.
enum class CallEnd : std::uint8_t {
  kAnswered,
  kFailed,     // As a whole.
  kCancelled,  // Its caller did not wait for it any longer, or the daemon ended.
};
[[nodiscard]] std::string_view to_string(CallEnd end);  // "answered", "failed", "cancelled"

}  // namespace runledger
