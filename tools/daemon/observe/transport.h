// The transports over which callers reach the daemon, and how connections and calls end.
#pragma once

#include <cstdint>

#include "ledger/base/enum_words.h"

namespace runledger {

enum class Transport : std::uint8_t { kRpc, kHttp };
template <>
inline constexpr auto kEnumWords<Transport> = enum_words<Transport>({{Transport::kRpc, "rpc"},
                                                                     {Transport::kHttp, "http"}});

// Why the daemon closes a connection that its caller has not closed.
enum class CloseReason : std::uint8_t {
  kIdle,             // The caller made no request for too long.
  kSlowSender,       // The caller began a request and did not complete it in time.
  kSlowReader,       // The caller did not read a response in time.
  kUnauthenticated,  // The caller did not authenticate in time.
  kMadeRoom,  // Its place was needed for another caller, and it was unused or its token or tenant had most places.
};
template <>
inline constexpr auto kEnumWords<CloseReason> = enum_words<CloseReason>({
    {CloseReason::kIdle, "idle"},
    {CloseReason::kSlowSender, "slow-sender"},
    {CloseReason::kSlowReader, "slow-reader"},
    {CloseReason::kUnauthenticated, "unauthenticated"},
    {CloseReason::kMadeRoom, "made-room"},
});

// How a call over RPC ended.
enum class CallEnd : std::uint8_t {
  kAnswered,
  kFailed,     // The call failed as a whole. A call that is answered with refused commands is kAnswered.
  kCancelled,  // The caller stopped waiting for it, or the daemon stopped.
};
template <>
inline constexpr auto kEnumWords<CallEnd> = enum_words<CallEnd>({{CallEnd::kAnswered, "answered"},
                                                                 {CallEnd::kFailed, "failed"},
                                                                 {CallEnd::kCancelled, "cancelled"}});

}  // namespace runledger
