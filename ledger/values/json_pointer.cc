// The names in JSON Pointers.
#include "ledger/values/json_pointer.h"

#include "ledger/secrets/detector.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/visible_text.h"

namespace runledger {

std::string pointer_token(const std::string& member) {
  if (contains_secret(visible_text(member).view())) return std::string(kRedacted);
  std::string token;
  for (const char c : member) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

}  // namespace runledger
