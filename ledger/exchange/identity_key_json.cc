// Writes and reads the key as 64 hexadecimal digits.
#include "ledger/exchange/identity_key_json.h"

#include <algorithm>

#include "ledger/values/digest.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

constexpr std::string_view kKind = "identity-key";
constexpr JsonLimits kLimits{.bytes_max = 4096, .depth_max = 2, .keys_max = 4};

Rejection malformed() {
  return reject("identity_key.malformed", "expected the line of an identity key as export --with-key writes it");
}

}  // namespace

std::string identity_key_to_json(const IdentityKey& key) {
  JsonWriter out;
  out.begin_object().member("kind", kKind).member("identity_key", format_hex(view_of(key.bytes)));
  return out.end_object().take();
}

bool is_identity_key_line(std::string_view line) {
  return line.starts_with(R"({"kind":"identity-key")");
}

Result<IdentityKey> identity_key_from_json(std::string_view line) {
  try {
    const JsonValue document = need(parse_json(line, kLimits));
    const JsonObject in(document, "the line", "identity_key.malformed");
    in.only({"kind", "identity_key"});
    const std::optional<Digest<32>> bytes = parse_digest<32>(in.text("identity_key"));
    if (!bytes || in.text("kind") != kKind) return malformed();
    return IdentityKey{bytes->bytes};
  } catch (const Refused&) {
    return malformed();
  }
}

}  // namespace runledger
