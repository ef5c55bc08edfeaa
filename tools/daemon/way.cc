// The words for the ways in, and for why a connection is cut.
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
  }
  return "";
}

}  // namespace runledger
