// The lists, each sorted by length, because most words differ in it.
#include "ledger/secrets/name_words.h"

#include <algorithm>
#include <array>

namespace runledger {

namespace {

constexpr bool is_shorter(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

// The formatter would put every word on a line of its own.
// clang-format off

bool is_neutral_word(std::string_view word) {
  constexpr std::array kNeutral = std::to_array<std::string_view>({
      "as", "es", "is", "b64", "est", "ist", "new", "old", "raw", "str", "was", "data", "este", "jest", "json", "sent",
      "text", "used", "were", "force", "given", "plain", "value", "base64", "header", "issued", "lauten", "lautet",
      "repeat", "string", "confirm", "current", "default", "encoded", "literal", "usuario", "previous", "provided",
      "supplied", "plaintext", "presented", "utilisateur", "confirmation", "користувача", "пользователя",
  });
  static_assert(std::is_sorted(kNeutral.begin(), kNeutral.end(), is_shorter));
  return std::binary_search(kNeutral.begin(), kNeutral.end(), word, is_shorter);
}

bool is_qualifier(std::string_view word) {
  constexpr std::array kQualifiers = std::to_array<std::string_view>({
      "v", "ae", "ar", "au", "br", "ca", "ch", "ci", "cl", "cn", "cz", "de", "dk", "dr", "es", "eu", "fi", "fr", "gb",
      "gr", "hk", "hu", "ie", "il", "it", "jp", "kr", "mx", "nl", "nz", "ph", "pl", "pt", "qa", "ro", "ru", "rw",
      "se", "sg", "th", "tr", "tw", "ua", "uk", "us", "vn", "za", "alt", "deu", "dev", "e2e", "euc", "euw", "int",
      "one", "prd", "stg", "tmp", "two", "uat", "use", "usw", "ver", "amer", "apac", "beta", "blue", "demo",
      "east", "emea", "live", "main", "next", "ohio", "perf", "prev", "prod", "root", "temp", "test", "west",
      "admin", "alpha", "devel", "first", "green", "latam", "local", "north", "paris", "slave", "south", "stage",
      "tests", "tokyo", "active", "backup", "berlin", "canary", "dublin", "global", "legacy", "london", "master",
      "mumbai", "oregon", "prodeu", "produs", "reader", "second", "sydney", "writer", "central", "develop", "ireland",
      "nightly", "preprod", "preview", "primary", "private", "release", "replica", "sandbox", "staging", "standby",
      "testing", "external", "fallback", "internal", "readonly", "virginia", "alternate", "frankfurt", "northeast",
      "northwest", "readwrite", "secondary", "singapore", "southeast", "southwest", "stockholm", "temporary",
      "production", "alternative", "development", "integration",
  });
  static_assert(std::is_sorted(kQualifiers.begin(), kQualifiers.end(), is_shorter));
  return std::binary_search(kQualifiers.begin(), kQualifiers.end(), word, is_shorter);
}

bool names_other_thing(std::string_view word) {
  constexpr std::array kOthers = std::to_array<std::string_view>({
      "at", "by", "id", "in", "md", "ms", "my", "no", "ok", "on", "to", "age", "alg", "arn", "dir", "env", "ids",
      "job", "key", "kid", "len", "log", "map", "max", "min", "per", "ref", "rev", "set", "sha", "sub", "tag", "ttl",
      "uid", "uri", "url", "var", "attr", "auth", "bind", "bits", "code", "cost", "date", "days", "etag", "file",
      "flow", "form", "free", "guid", "hash", "hint", "host", "info", "keys", "kind", "leak", "less", "link", "list",
      "logs", "mask", "mode", "name", "note", "page", "path", "rate", "refs", "role", "rule", "scan", "size", "task",
      "time", "type", "used", "user", "uses", "uuid", "zone", "array", "audit", "based", "bound", "bytes", "cache",
      "chars", "check", "claim", "class", "count", "email", "error", "event", "field", "files", "grant", "group",
      "hours", "index", "input", "label", "leaks", "level", "limit", "lists", "login", "model", "mount", "names",
      "owner", "paths", "price", "ratio", "regex", "reset", "rules", "scope", "score", "state", "store", "table",
      "title", "total", "tries", "types", "usage", "users", "valid", "vocab", "bucket", "budget", "change", "checks",
      "claims", "client", "column", "commit", "config", "counts", "cursor", "digest", "domain", "engine", "errors",
      "events", "exists", "expire", "expiry", "fields", "folder", "format", "hashes", "issuer", "length", "limits",
      "method", "params", "parser", "policy", "prefix", "prices", "prompt", "public", "reason", "region", "resets",
      "review", "rotate", "scheme", "scopes", "server", "source", "status", "suffix", "tenant", "update", "volume",
      "account", "attempt", "changed", "charset", "checker", "comment", "created", "enabled", "expired", "expires",
      "history", "invalid", "lengths", "limiter", "manager", "message", "methods", "minutes", "missing", "options",
      "pattern", "present", "request", "retries", "rotated", "scanner", "seconds", "service", "subject", "updated",
      "version", "weights", "attempts", "audience", "checksum", "disabled", "duration", "encoding", "endpoint",
      "exchange", "failures", "filename", "lifetime", "location", "metadata", "policies", "policyid", "provider",
      "recovery", "required", "requires", "response", "revision", "rotation", "scanning", "settings", "strength",
      "username", "validity", "variable", "algorithm", "attribute", "detection", "directory", "embedding",
      "protected", "reference", "timestamp", "tokenizer", "validator", "expiration", "thumbprint", "validation",
      "description", "fingerprint", "placeholder", "authentication",
  });
  static_assert(std::is_sorted(kOthers.begin(), kOthers.end(), is_shorter));
  return std::binary_search(kOthers.begin(), kOthers.end(), word, is_shorter);
}

bool is_preposition(std::string_view word) {
  constexpr std::array kPrepositions = std::to_array<std::string_view>({
      "w", "at", "da", "de", "di", "do", "du", "en", "im", "na", "of", "on", "op", "pa", "к", "auf", "bei", "del",
      "dem", "den", "der", "des", "dla", "for", "fur", "pro", "sur", "til", "van", "von", "zum", "zur", "dell",
      "para", "pour", "voor", "за", "della", "delle", "для",
  });
  static_assert(std::is_sorted(kPrepositions.begin(), kPrepositions.end(), is_shorter));
  return std::binary_search(kPrepositions.begin(), kPrepositions.end(), word, is_shorter);
}

// clang-format on

}  // namespace runledger
