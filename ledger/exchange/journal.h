// The import journal: translates lines of a foreign source into commands for the ledger.
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

// The kinds of lines, for the report of an import: first the kinds of a journal, then those that only an export has.
// kUnknown is a line whose kind cannot be read.
enum class LineKind : std::uint8_t {
  kRequested,
  kAttemptStarted,
  kAttemptFinished,
  kFailed,
  kDeduped,
  kAdopted,
  kUnknown
};
inline constexpr std::string_view kLineKindNames[] = {"requested", "attempt-started", "attempt-finished", "failed",
                                                      "deduped",   "adopted",         "unknown"};
inline constexpr std::size_t kJournalKinds = 4;  // The first four kinds are those of a journal.
// Returns kUnknown for any other name.
[[nodiscard]] LineKind parse_line_kind(std::string_view name);

// What becomes of a name that no ledger takes: its line is refused, or the name is mapped to one
// (ledger/exchange/name_mapping.h).
enum class JournalNames : std::uint8_t { kAsTheyAre, kMapped };

// A translated line. The kind is known even if the line is refused, unless the line is not a JSON object with a kind.
struct JournalLine {
  LineKind kind = LineKind::kUnknown;
  Result<Submission> submission;
};

// Translates the lines of one source. The source's keys have a namespace of their own, so two sources may use the same
// keys. The translation is deterministic. For one thread.
class JournalTranslator {
 public:
  // `key` digests the identities; it is not owned and must outlive the translator. `import` is shared by all
  // submissions and is not null. `name` is the namespace of the source's keys (see parse_journal_namespace()).
  JournalTranslator(const IdentityKey& key, std::shared_ptr<JournalImport> import, std::string_view name,
                    JournalNames names = JournalNames::kAsTheyAre);

  // Translates one line; `number` is its number in the file. Bad input is refused, never thrown. The submission belongs
  // to the import, has the line's time, and has a command id that is derived from the namespace and from the line's
  // number and text, so that the ledger recognises the line when it is imported again.
  //
  // Codes: "journal.line_too_long", "journal.malformed" (not JSON by the rules of ledger/values/json.h, a missing or
  // unknown member, or a member of the wrong type), and those of the members' values. The detail names the member.
  [[nodiscard]] JournalLine translate(std::uint64_t number, std::string_view text);

  // Makes the command that takes over a run of a journal. `run` is the run's id. Code "run.invalid".
  [[nodiscard]] JournalLine adopt(std::string_view run) const;

  // Returns the id of the run that the source calls `key`: the key itself if it is a UUID, otherwise a UUID of version
  // 5 in the source's namespace.
  [[nodiscard]] RunId run_id(std::string_view key) const;

 private:
  [[nodiscard]] CommandId line_id(std::uint64_t number, std::string_view text) const;

  const IdentityKey& key_;
  std::shared_ptr<JournalImport> import_;
  Uuid space_;
  JournalNames names_;
};

// Returns the policy for types that no catalog lists. It has no cooldown, because the history in a journal was made
// under other rules, and a cooldown could refuse parts of it.
[[nodiscard]] Policy unlisted_in_journals();

// Checks the name of a namespace: 1 to kJournalNamespaceBytesMax bytes. Code "namespace.invalid".
[[nodiscard]] Result<std::string> parse_journal_namespace(std::string_view text);

}  // namespace runledger
