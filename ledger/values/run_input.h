// The input of a run: a JSON object in canonical form that contains no secret.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/base/from_log.h"
#include "ledger/values/json_value.h"
#include "ledger/values/rejection.h"

namespace runledger {

// Which top-level fields of an input make the identity of a run, and how. `names`: all fields when it is empty. `sets`:
// the fields whose lists are sets, so that neither the order of their elements nor equal ones count.
struct IdentityFields {
  std::vector<std::string> names;
  std::vector<std::string> sets;
};

// Invariants: the text is the canonical JSON (RFC 8785) of an object; it has at most kBytesMax bytes, and no secret
// name or value. A value, so any thread may read it.
class RunInput {
 public:
  static constexpr std::size_t kBytesMax = 64 * 1024;
  static constexpr int kDepthMax = 32;
  static constexpr std::size_t kKeysMax = 4096;

  RunInput() : canonical_("{}") {}
  // Restores an input that was checked before it was stored.
  RunInput(std::string stored, FromLog) : canonical_(std::move(stored)) {}

  // Parses and checks an input. Codes: those of ledger/values/json.h, "input.not_an_object", "input.too_large", and
  // "input.secret", which names the path (JSON Pointer, RFC 6901; a key that is itself a secret shows as "[redacted]")
  // and never the value.
  [[nodiscard]] static Result<RunInput> parse(std::string_view json);

  // Does the same for a value that parse_json() returned, so that an input inside a larger document is not parsed
  // twice.
  [[nodiscard]] static Result<RunInput> from_value(const JsonValue& value);

  // Restores the input of an exported event: checks everything but whether it has a secret, because a stricter rule of
  // a later version must not make an old event unreadable.
  [[nodiscard]] static Result<RunInput> restore(const JsonValue& value, FromLog from_log);

  [[nodiscard]] const std::string& canonical() const noexcept { return canonical_; }
  // Returns the object itself. Throws Damaged when a text from the log is not a JSON object.
  [[nodiscard]] JsonValue value() const;

  // Returns the canonical JSON of those of the fields that exist. The elements of a set are ordered by their canonical
  // JSON, each of them once; a field of `sets` that is not a list counts as it is.
  [[nodiscard]] std::string canonical_fields(const IdentityFields& fields) const;

  friend bool operator==(const RunInput&, const RunInput&) = default;

 private:
  explicit RunInput(std::string canonical) : canonical_(std::move(canonical)) {}

  std::string canonical_;
};

}  // namespace runledger
