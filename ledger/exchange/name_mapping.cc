// Escapes the bytes that a name may not have.
#include "ledger/exchange/name_mapping.h"

#include <fmt/format.h>

#include "ledger/base/ascii.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/visible_text.h"
#include "ledger/values/names.h"

namespace runledger {
namespace {

enum class Alphabet { kScope, kDotted };

// True for a byte that stands for itself. `next` is the byte after it, zero at the end.
bool is_kept(Alphabet alphabet, char byte, char next) {
  if (alphabet == Alphabet::kScope)
    return is_alnum(byte) || std::string_view(".:/-").find(byte) != std::string_view::npos;
  return is_lower(byte) || is_digit(byte) || (byte == '.' && is_lower(next));
}

std::string escaped(Alphabet alphabet, std::string_view name) {
  std::string out(kMappedNamePrefix);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char byte = name[i];
    if (is_kept(alphabet, byte, i + 1 < name.size() ? name[i + 1] : '\0'))
      out += byte;
    else if (byte == '_')
      out += "__";
    else if (byte >= 'A' && byte <= 'Z')
      out += {'_', static_cast<char>(byte - 'A' + 'a')};
    else
      out += fmt::format("_{:03}", static_cast<unsigned char>(byte));
  }
  return out;
}

template <class Parsed>
std::string mapped(Alphabet alphabet, std::string_view name, const Parsed& parsed) {
  if ((parsed && !name.starts_with(kMappedNamePrefix)) || name.empty() || contains_secret(visible_text(name).view()))
    return std::string(name);
  return escaped(alphabet, name);
}

}  // namespace

std::string mapped_scope_name(std::string_view name) {
  return mapped(Alphabet::kScope, name, parse_workspace(name));
}

std::string mapped_type(std::string_view name) {
  return mapped(Alphabet::kDotted, name, parse_run_type(name));
}

std::string mapped_reason_code(std::string_view name) {
  return mapped(Alphabet::kDotted, name, parse_reason_code(name));
}

}  // namespace runledger
