// The words for the ways in, for why a connection is cut, and for how a call ends.
#include "tools/daemon/way.h"

namespace runledger {

std::string_view to_string(Way way) {
  switch (way) {
    case Way::kRpc:
      return "rpc";
    case Way::kHttp:
      return "http";
  }
  return "";
}

std::string_view to_string(Cut cut) {
  switch (cut) {
    case Cut::kIdle:
      return "idle";
    case Cut::kSlowSender:
      return "slow-sender";
    case Cut::kSlowReader:
      return "slow-reader";
    case Cut::kUnauthenticated:
      return "unauthenticated";
    case Cut::kMadeRoom:
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
