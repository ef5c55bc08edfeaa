// The import journal: from a line of a foreign source to a command for the ledger.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "ledger/rules/command.h"
#include "ledger/rules/identity.h"
#include "ledger/rules/journal_import.h"

namespace runledger {

inline constexpr std::size_t kJournalLineBytesMax = 1024 * 1024;
inline constexpr std::size_t kJournalKeyCharactersMax = 200;
inline constexpr std::size_t kJournalNamespaceBytesMax = 200;

// The kinds of lines, for the report: those of a journal, then what else an export has; kUnknown is what cannot be
// told.
enum class LineKind : std::uint8_t { kRequested, kAttemptStarted, kAttemptFinished, kFailed, kDeduped, kUnknown };
inline constexpr std::string_view kLineKindNames[] = {"requested", "attempt-started", "attempt-finished",
                                                      "failed",    "deduped",         "unknown"};
inline constexpr std::size_t kJournalKinds = 4;
[[nodiscard]] LineKind parse_line_kind(std::string_view name);

struct JournalLine {
  LineKind kind = LineKind::kUnknown;
  Result<Submission> submission;
};

// Translates the lines of one source, whose keys live in a namespace of their own. For one thread.
class JournalTranslator {
 public:
  // `key`, under which identities are made, is not owned and must outlive it. `import` is what its submissions get; not
  // null. `name` is the namespace of the source's keys.
  JournalTranslator(const IdentityKey& key, std::shared_ptr<JournalImport> import, std::string_view name);

  // Never throws for bad input. The submission is imported, has its line's time, and a command id made of the line's
  // number and text, so that importing the same line again is recognised. Codes: "journal.line_too_long",
  // "journal.malformed" (no JSON within the rules of ledger/values/json.h, a missing or unknown member, a member of the
  // wrong type), and those of the members' values.
  [[nodiscard]] JournalLine translate(std::uint64_t number, std::string_view text);

  // The run that the source's key means: the key itself when it is a UUID, else a UUID version 5 of it.
  [[nodiscard]] RunId run_id(std::string_view key) const;

 private:
  [[nodiscard]] CommandId line_id(std::uint64_t number, std::string_view text) const;

  const IdentityKey& key_;
  std::shared_ptr<JournalImport> import_;
  Uuid space_;
};

// The policy of types that nobody lists: history was made under rules of its own, so there is no cooldown to be held
// against it.
[[nodiscard]] Policy unlisted_in_journals();

// Code "namespace.invalid".
[[nodiscard]] Result<std::string> parse_journal_namespace(std::string_view text);

}  // namespace runledger
