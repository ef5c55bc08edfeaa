// One line of text.
#include "tools/cli/output/standing.h"

#include <fmt/format.h>

#include "ledger/values/base64.h"

namespace runledger {

std::string standing_text(const LogStanding& standing) {
  const std::string is_signed = standing.signed_size
                                    ? fmt::format("the newest checkpoint has {} of them", *standing.signed_size)
                                    : std::string("no checkpoint was signed");
  return fmt::format("the root of its {} events is {}; {}", standing.tree.size,
                     format_base64(bytes_of(standing.tree.root)), is_signed);
}

}  // namespace runledger
