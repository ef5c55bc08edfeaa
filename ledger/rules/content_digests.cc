// Lays the fields out end to end, each after its length, and digests the bytes, so that no two contents have the same
// layout.
//
// Stored digests must keep matching. Enumerators and the alternatives of Command are laid out as numbers, so they must
// keep their order, and a new member of a command must add no bytes when it is absent.
#include "ledger/rules/content_digests.h"

#include <string>

#include "ledger/base/big_endian.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

class Layout {
 public:
  Layout& number(std::uint64_t value) {
    append_big_endian(bytes_, value);
    return *this;
  }
  Layout& text(std::string_view value) {
    number(value.size());
    bytes_.append(value);
    return *this;
  }
  template <class T, class Write>
  Layout& optional(const std::optional<T>& value, Write write) {
    number(value ? 1 : 0);
    if (value) write(*value);
    return *this;
  }
  Layout& time(Time value) { return number(static_cast<std::uint64_t>(value.unix_us)); }
  Layout& run(RunId value) { return text(value.value.view()); }
  Layout& optional_text(const std::optional<SanitizedText>& value) {
    return optional(value, [&](const SanitizedText& inner) { text(inner.str()); });
  }
  Layout& scope(const Scope& value) {
    text(value.workspace.str());
    return optional(value.tenant, [&](const Tenant& tenant) { text(tenant.str()); });
  }
  Layout& failures(const std::vector<FailureNote>& value) {
    number(value.size());
    for (const FailureNote& failure : value) text(failure.reason_code.str()).text(failure.message.str());
    return *this;
  }
  Layout& counts(const Counts& value) {
    number(value.size());
    for (const auto& [key, count] : value) text(key.str()).number(count);
    return *this;
  }
  Layout& key(const AttemptKey& value) { return text(bytes_of(value)); }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// What is absent adds nothing, and each part that is there begins with its name.
void lay_out(Layout& layout, const PolicyChanges& changes) {
  const auto add = [&](const char* name, std::uint64_t value) { layout.text(name).number(value); };
  const auto add_duration = [&](const char* name, const std::optional<Duration>& value) {
    if (value) add(name, static_cast<std::uint64_t>(value->count()));
  };
  if (changes.max_attempts) add("max_attempts", *changes.max_attempts);
  add_duration("lease", changes.lease);
  add_duration("backoff", changes.backoff);
  add_duration("cooldown", changes.cooldown);
  if (changes.cooldown_from) add("cooldown_from", static_cast<std::uint64_t>(*changes.cooldown_from));
  if (changes.cooldown_after) add("cooldown_after", changes.cooldown_after->bits);
}

void lay_out(Layout& layout, const RequestRun& command) {
  layout.number(command.named ? 1 : 0);
  if (command.named) layout.run(command.run);
  layout.scope(command.scope).text(command.type.str()).text(command.input.canonical());
  layout.optional_text(command.initiator).number(command.force ? 1 : 0);
  layout.optional(command.rerun_of, [&](RunId run) { layout.run(run); });
  // These add nothing when they are absent. Each begins with a word, so that none can pass for another.
  if (command.parent) layout.text("parent").run(*command.parent);
  if (!command.labels.empty()) {
    layout.text("labels").number(command.labels.size());
    for (const auto& [key, value] : command.labels) layout.text(key.str()).text(value.str());
  }
  if (command.traceparent) layout.text("traceparent").text(view_of(command.traceparent->bytes));
  lay_out(layout, command.changes);
}

// What is absent adds nothing, and each part that is there begins with its name.
template <class Start>
void lay_out_start(Layout& layout, const Start& command) {
  if (command.lease) layout.text("lease").number(static_cast<std::uint64_t>(command.lease->count()));
  if constexpr (requires { command.respect_not_before; }) {
    if (command.respect_not_before) layout.text("respect_not_before");
  }
}

void lay_out(Layout& layout, const StartAttempt& command) {
  layout.run(command.run).text(command.worker.str());
  layout.optional(command.key, [&](const AttemptKey& key) { layout.key(key); });
  lay_out_start(layout, command);
}

void lay_out(Layout& layout, const StartByIdentity& command) {
  lay_out(layout, command.request);
  layout.text(command.worker.str());
  lay_out_start(layout, command);
}

void lay_out(Layout& layout, const AttemptRef& attempt) {
  layout.number(attempt.attempt.value).number(attempt.token.value);
}

void lay_out(Layout& layout, const Heartbeat& command) {
  layout.run(command.run);
  lay_out(layout, command.attempt);
}

void lay_out(Layout& layout, const FinishAttempt& command) {
  layout.run(command.run).number(command.attempt.index());
  if (const auto* attempt = std::get_if<AttemptRef>(&command.attempt)) lay_out(layout, *attempt);
  if (const auto* key = std::get_if<AttemptKey>(&command.attempt)) layout.key(*key);
  layout.number(static_cast<std::uint64_t>(command.outcome)).counts(command.summary_counts);
  layout.failures(command.failures).number(command.retryable ? 1 : 0);
}

void lay_out(Layout& layout, const FailRun& command) {
  layout.run(command.run).text(command.reason_code.str()).text(command.message.str());
  layout.number(static_cast<std::uint64_t>(command.outcome));
  // An absent state adds no bytes, so that commands from before the member existed are still recognised.
  if (command.seen) layout.number(static_cast<std::uint64_t>(command.seen->status)).number(command.seen->attempt.value);
  // The word cannot pass for a state, whose first number is less than the length of the word.
  if (command.initiator) layout.text("initiator").text(command.initiator->str());
}

void lay_out(Layout& layout, const ExpireLease& command) {
  layout.run(command.run);
}

void lay_out(Layout& layout, const AdoptRun& command) {
  layout.run(command.run);
}

void lay_out(Layout& layout, const RecordSpooledRun& command) {
  lay_out(layout, command.request);
  layout.text(command.worker.str()).time(command.requested_at).number(command.cancelled ? 1 : 0);
  layout.number(command.attempts.size());
  for (const SpooledAttempt& attempt : command.attempts) {
    layout.time(attempt.started_at).time(attempt.ended_at).number(static_cast<std::uint64_t>(attempt.outcome));
    layout.counts(attempt.summary_counts).failures(attempt.failures).number(attempt.retryable ? 1 : 0);
  }
}

// Leaves out the run, which the ledger chose.
void lay_out(Layout& layout, const ClaimRun& command) {
  layout.key(command.claim).text(command.worker.str());
  lay_out_start(layout, command);
}

ContentDigest digest(const std::array<unsigned char, 32>& key, const Layout& layout) {
  const Digest<32> whole = hmac_sha256(key, layout.bytes());
  ContentDigest digest;
  std::copy_n(whole.bytes.begin(), digest.bytes.size(), digest.bytes.begin());
  return digest;
}

}  // namespace

bool takes_starter(const Command& command) {
  return std::holds_alternative<StartAttempt>(command) || std::holds_alternative<StartByIdentity>(command) ||
         std::holds_alternative<ClaimRun>(command);
}

ContentKey::ContentKey(const IdentityKey& ledger)
    : bytes_(hkdf_sha256(view_of(ledger.bytes), "runledger content digests")) {}

ContentKey::ContentKey(const IdentityKey& ledger, const std::array<unsigned char, 32>& tenant)
    : bytes_(hkdf_sha256(std::string(view_of(ledger.bytes)).append(view_of(tenant)),
                         "runledger content digests of a tenant")) {}

ContentDigest ContentKey::request_digest(const RequestRun& request) const {
  return digest(bytes_, Layout().scope(request.scope).text(request.type.str()).text(request.input.canonical()));
}

ContentDigest ContentKey::report_digest(const FinishAttempt& report) const {
  return digest(bytes_, Layout()
                            .number(static_cast<std::uint64_t>(report.outcome))
                            .counts(report.summary_counts)
                            .failures(report.failures)
                            .number(report.retryable ? 1 : 0));
}

ContentDigest ContentKey::report_digest(const RunFailed& failed) const {
  Layout layout;
  layout.text(failed.reason_code.str()).failures(failed.failures).number(static_cast<std::uint64_t>(failed.outcome));
  if (failed.initiator) layout.text(failed.initiator->str());
  return digest(bytes_, layout);
}

StarterDigest ContentKey::starter_digest(std::string_view starter) const {
  return digest(bytes_, Layout().text("starter").text(starter));
}

Identity ContentKey::sealed_identity(const Identity& identity) const {
  return {hmac_sha256(bytes_, Layout().text("identity").text(view_of(identity.digest.bytes)).bytes())};
}

Identity ContentKey::separate_identity(const Identity& identity, RunId run) const {
  return {hmac_sha256(bytes_, Layout().text("separate").text(view_of(identity.digest.bytes)).run(run).bytes())};
}

CommandId ContentKey::memory_id(const Submission& submission) const {
  const CommandId& id = submission.id.value();
  if (!submission.starter || !takes_starter(submission.command)) return id;
  return {custom_uuid({digest(bytes_, Layout().text("start").text(id.value.view()).text(*submission.starter)).bytes})};
}

ContentDigest ContentKey::command_digest(const Submission& submission) const {
  Layout layout;
  layout.number(submission.command.index()).number(static_cast<std::uint64_t>(submission.origin()));
  layout.optional(submission.occurred_at, [&](Time time) { layout.time(time); });
  std::visit([&](const auto& command) { lay_out(layout, command); }, submission.command);
  return digest(bytes_, layout);
}

}  // namespace runledger
