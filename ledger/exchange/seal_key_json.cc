// Writes and reads a key as 64 hexadecimal digits, beside its id and its tenant.
#include "ledger/exchange/seal_key_json.h"

#include "ledger/values/digest.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

constexpr std::string_view kKind = "seal-key";
constexpr JsonLimits kLimits{.bytes_max = 4096, .depth_max = 2, .keys_max = 8};

Rejection malformed() {
  return reject("seal_key.malformed", "expected the line of a tenant's key as export --with-key writes it");
}

}  // namespace

std::string seal_key_to_json(const TenantKey& key) {
  JsonWriter out;
  out.begin_object().member("kind", kKind).member("key", format_key_id(key.key.id));
  out.member("workspace_id", key.scope.workspace).member("tenant_id", key.scope.tenant);
  return out.member("seal_key", format_hex(view_of(key.key.key.bytes))).end_object().take();
}

bool is_seal_key_line(std::string_view line) {
  return line.starts_with(R"({"kind":"seal-key")");
}

Result<TenantKey> seal_key_from_json(std::string_view line) {
  try {
    const JsonValue document = need(parse_json(line, kLimits));
    const JsonObject in(document, "the line", "seal_key.malformed");
    in.only({"kind", "key", "workspace_id", "tenant_id", "seal_key"});
    const std::optional<SealKeyId> id = parse_key_id(in.text("key"));
    const std::optional<Digest<32>> bytes = parse_digest<32>(in.text("seal_key"));
    if (!id || !bytes || in.text("kind") != kKind) return malformed();
    return TenantKey{.key = {.id = *id, .key = {bytes->bytes}},
                     .scope = SealKeyFile::restore_scope(in.text("workspace_id"), in.text("tenant_id"))};
  } catch (const Refused&) {
    return malformed();
  }
}

}  // namespace runledger
