// Checks the options of the mirror.
#include "tools/cli/options/mirror_options.h"

#include <algorithm>

namespace runledger {
namespace {

constexpr std::size_t kSchemaCharactersMax = 63;  // Postgres truncates longer names, so they could name another one.

bool is_schema_name(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= kSchemaCharactersMax && (text[0] < '0' || text[0] > '9') &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

void TypedMirror::declare(Options& options) {
  options.value("--postgres", "DSN", "The database, as a libpq connection string", dsn_);
  options.value("--schema", "NAME", "Its schema (default runledger, or public if the ledger's mirror is there)",
                schema_);
}

std::optional<MirrorOptions> TypedMirror::options() const {
  if (schema_ && !dsn_) refuse("usage", "expected --postgres together with --schema");
  if (!dsn_) return std::nullopt;
  if (dsn_->empty()) refuse("postgres.invalid", "expected a connection string, found nothing");
  if (schema_ && !is_schema_name(*schema_))
    refuse("schema.invalid", "expected a name of a-z, 0-9 and _, at most 63 characters, found \"" + *schema_ + "\"");
  MirrorOptions options;
  options.dsn = *dsn_;
  options.schema = schema_;
  return options;
}

MirrorOptions TypedMirror::require_options() const {
  std::optional<MirrorOptions> found = options();
  if (!found) refuse("usage", "--postgres is required");
  return *std::move(found);
}

}  // namespace runledger
