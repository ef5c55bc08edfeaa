// The transports over which callers reach the daemon, and how connections and calls end.
#pragma once

#include <cstdint>
#include <string_view>

namespace runledger {

enum class Transport : std::uint8_t { kRpc, kHttp };
inline constexpr Transport kAllTransports[] = {Transport::kRpc, Transport::kHttp};
[[nodiscard]] std::string_view to_string(Transport transport);  // "rpc", "http"

// Why the daemon closes a connection that its caller has not closed.
enum class CloseReason : std::uint8_t {
  kIdle,             // The caller made no request for too long.
  kSlowSender,       // The caller began a request and did not complete it in time.
  kSlowReader,       // The caller did not read a response in time.
  kUnauthenticated,  // The caller did not authenticate in time.
  kMadeRoom,         // The connection was unused, and its place was needed for another caller.
};
inline constexpr CloseReason kAllCloseReasons[] = {CloseReason::kIdle, CloseReason::kSlowSender,
                                                   CloseReason::kSlowReader, CloseReason::kUnauthenticated,
                                                   CloseReason::kMadeRoom};
// "idle", "slow-sender", "slow-reader", "unauthenticated", "made-room"
[[nodiscard]] std::string_view to_string(CloseReason cut);

// How a call over RPC ended.
enum class CallEnd : std::uint8_t {
  kAnswered,
  kFailed,     // The call failed as a whole. A call that is answered with refused commands is kAnswered.
  kCancelled,  // The caller stopped waiting for it, or the daemon stopped.
};
[[nodiscard]] std::string_view to_string(CallEnd end);  // "answered", "failed", "cancelled"

}  // namespace runledger
