// Makes rejections, and is the only place where the text of a refusal is sanitised.
#include "ledger/values/rejection.h"

namespace runledger {

Rejection reject(std::string_view code, std::string_view detail) {
  return Rejection{std::string(code), sanitize(detail)};
}

void refuse(std::string_view code, std::string_view detail) {
  throw Refused(reject(code, detail));
}

}  // namespace runledger
