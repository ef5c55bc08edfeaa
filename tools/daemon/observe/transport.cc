// The words for transports, for reasons to close a connection, and for the ends of a call.
#include "tools/daemon/observe/transport.h"

namespace runledger {

std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::kRpc:
      return "rpc";
    case Transport::kHttp:
      return "http";
  }
  return "";
}

std::string_view to_string(CloseReason cut) {
  switch (cut) {
    case CloseReason::kIdle:
      return "idle";
    case CloseReason::kSlowSender:
      return "slow-sender";
    case CloseReason::kSlowReader:
      return "slow-reader";
    case CloseReason::kUnauthenticated:
      return "unauthenticated";
    case CloseReason::kMadeRoom:
      return "made-room";
  }
  return "";
}

std::string_view to_string(CallEnd end) {
  switch (end) {
    case CallEnd::kAnswered:
      return "answered";
    case CallEnd::kFailed:
      return "failed";
    case CallEnd::kCancelled:
      return "cancelled";
  }
  return "";
}

}  // namespace runledger
