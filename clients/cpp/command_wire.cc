// Converts commands and answers field by field, in both directions.
//
// Each wire type has a write() and a read(). The client (remote_client.cc) writes commands and reads answers; the
// daemon (tools/daemon/rpc) does the reverse.
//
// Cap'n Proto only guarantees that a message is well formed, so read() treats each field as untrusted. Within
// checked(), need() and refuse() throw Refused at the first bad field, and checked() turns that into a Rejection with
// the code of the field. Texts for people are sanitised, not refused. The details of a
// report are taken in as ledger/rules/report.h says.
//
// Enums travel as their words, not as numbers, and "absent" is an empty text, empty data, or a separate "has" flag.
// That makes versions compatible: a client that meets an unknown word knows that the command has been answered, but not
// how, so it returns UnknownOutcome and never guesses a result.
//
// A call that the daemon refuses or fails as a whole ends with a KJ exception, which carries nothing but a text.
// refusal_text() puts code and remedy into that text, and read_refusal() takes them out again.
#include "clients/cpp/command_wire.h"

#include <fmt/format.h>

#include <algorithm>

#include "clients/cpp/wire_fields.h"
#include "ledger/rules/report.h"

namespace runledger::wire {
namespace {

void write_note(rpc::FailureNote::Builder out, const FailureNote& note) {
  out.setReasonCode(to_text(note.reason_code.str()));
  out.setMessage(to_text(note.message.str()));
}

FailureNote read_note(rpc::FailureNote::Reader in) {
  return {need(parse_reason_code(view(in.getReasonCode()))), sanitize(view(in.getMessage()))};
}

Time read_time(std::int64_t unix_us) {
  if (unix_us >= 0 && unix_us < kTimesEnd.unix_us) return Time{unix_us};
  refuse("time.out_of_range", "expected a time from 1970 to 9999");
}

ExpectedRunState read_seen(rpc::SeenRun::Reader in) {
  const std::optional<RunStatus> status = parse_word<RunStatus>(view(in.getStatus()));
  if (!status || *status == RunStatus::kCompleted)
    refuse("status.invalid", "expected a run that was seen queued or running");
  return {.status = *status, .attempt = AttemptNumber{in.getAttempt()}};
}

// Absent when the field is empty.
template <class Message>
std::optional<SanitizedText> read_initiator(Message in) {
  if (in.getInitiator().size() == 0) return std::nullopt;
  return sanitize(view(in.getInitiator()));
}

void write_changes(rpc::PolicyChanges::Builder out, const PolicyChanges& changes) {
  out.setMaxAttempts(changes.max_attempts.value_or(0));
  out.setHasLease(changes.lease.has_value());
  out.setLease(changes.lease.value_or(Duration()).count());
  out.setHasBackoff(changes.backoff.has_value());
  out.setBackoff(changes.backoff.value_or(Duration()).count());
  out.setHasCooldown(changes.cooldown.has_value());
  out.setCooldown(changes.cooldown.value_or(Duration()).count());
  if (changes.cooldown_from) out.setCooldownFrom(to_text(to_string(*changes.cooldown_from)));
  if (!changes.cooldown_after) return;
  out.setHasCooldownAfter(true);
  std::vector<std::string_view> words;
  for (const auto& [outcome, word] : kEnumWords<RunOutcome>) {
    if (changes.cooldown_after->bits != 0 && changes.cooldown_after->contains(outcome)) words.push_back(word);
  }
  auto list = out.initCooldownAfter(static_cast<unsigned>(words.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, to_text(words[i]));
}

// The bounds of the type's catalog entry are checked later, with the request.
PolicyChanges read_changes(rpc::PolicyChanges::Reader in) {
  PolicyChanges changes;
  if (in.getMaxAttempts() != 0) changes.max_attempts = in.getMaxAttempts();
  if (in.getHasLease()) changes.lease = Duration{in.getLease()};
  if (in.getHasBackoff()) changes.backoff = Duration{in.getBackoff()};
  if (in.getHasCooldown()) changes.cooldown = Duration{in.getCooldown()};
  if (in.getCooldownFrom().size() > 0) {
    changes.cooldown_from = parse_word<CooldownFrom>(view(in.getCooldownFrom()));
    if (!changes.cooldown_from) refuse("policy.invalid", "expected cooldown_from to be completion or request");
  }
  if (!in.getHasCooldownAfter()) return changes;
  changes.cooldown_after.emplace();
  for (const auto word : in.getCooldownAfter()) {
    const auto outcome = parse_final_outcome(view(word));
    if (!outcome) refuse("policy.invalid", "expected cooldown_after to list outcomes of completed runs");
    changes.cooldown_after->insert(*outcome);
  }
  return changes;
}

// `out` must have as many elements as there are counts.
void write_counts(capnp::List<rpc::Count>::Builder out, const Counts& counts) {
  unsigned next = 0;
  for (const auto& [key, value] : counts) {
    out[next].setKey(to_text(key.str()));
    out[next].setValue(value);
    ++next;
  }
}

void write_attempt(rpc::SpooledAttempt::Builder out, const SpooledAttempt& attempt) {
  out.setStartedAt(attempt.started_at.unix_us);
  out.setEndedAt(attempt.ended_at.unix_us);
  out.setOutcome(to_text(to_string(attempt.outcome)));
  write_counts(out.initSummaryCounts(static_cast<unsigned>(attempt.summary_counts.size())), attempt.summary_counts);
  auto failures = out.initFailures(static_cast<unsigned>(attempt.failures.size()));
  for (unsigned i = 0; i < failures.size(); ++i) write_note(failures[i], attempt.failures[i]);
  out.setNoRetry(!attempt.retryable);
}

// The details of a report, as a FinishAttempt and a SpooledAttempt have them.
template <class Message>
FinishAttempt read_report(Message in) {
  FinishAttempt report;
  for (const auto count : in.getSummaryCounts()) take_count(report, view(count.getKey()), count.getValue());
  const auto notes = in.getFailures();
  for (unsigned i = 0; i < notes.size(); ++i)
    take_failure(report, i, view(notes[i].getReasonCode()), view(notes[i].getMessage()));
  report.retryable = !in.getNoRetry();
  return report;
}

SpooledAttempt read_attempt(rpc::SpooledAttempt::Reader in) {
  FinishAttempt report = read_report(in);
  const bool lost = view(in.getOutcome()) == to_string(AttemptOutcome::kLost);
  return SpooledAttempt{.started_at = read_time(in.getStartedAt()),
                        .ended_at = read_time(in.getEndedAt()),
                        .outcome = lost ? AttemptOutcome::kLost : need(parse_reported_outcome(view(in.getOutcome()))),
                        .summary_counts = std::move(report.summary_counts),
                        .failures = std::move(report.failures),
                        .retryable = report.retryable};
}

// Zero stands for no lease of one's own.
std::optional<std::string> read_position(rpc::Reply::Reader in) {
  return in.getPosition().size() == 0 ? std::nullopt : std::optional(std::string(view(in.getPosition())));
}

std::optional<Duration> read_lease(std::int64_t lease) {
  return lease == 0 ? std::nullopt : std::optional(Duration{lease});
}

bool looks_like_a_code(std::string_view text) {
  if (text == "overloaded") return true;  // The only code that is a single word.
  return text.find('.') != std::string_view::npos &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string_view::npos;
}

}  // namespace

void write(rpc::Mark::Builder out, const CommandOptions& options) {
  if (options.id) out.setCommandId(to_data(*options.id));
  if (options.starter) out.setStarter(to_text(*options.starter));
  if (!options.occurred_at) return;
  out.setHasOccurredAt(true);
  out.setOccurredAt(options.occurred_at->unix_us);
}

void write(rpc::Reply::Builder out, const Reply& reply) {
  out.setVerdict(to_text(to_string(reply.verdict)));
  if (reply.rule) out.setRule(to_text(to_string(*reply.rule)));
  out.setRun(to_data(reply.run));
  out.setAttempt(reply.attempt.value);
  out.setToken(reply.token.value);
  if (reply.retry_after) {
    out.setHasRetryAfter(true);
    out.setRetryAfter(reply.retry_after->count());
  }
  out.setSequence(reply.sequence.value);
  out.setRunVersion(reply.run_version.value);
  if (reply.position) out.setPosition(to_text(*reply.position));
  out.setStatus(to_text(to_string(reply.status)));
  out.setOutcome(to_text(to_string(reply.outcome)));
  out.setRepeated(reply.repeated);
  out.setEvents(reply.events);
  out.setLease(reply.lease.value_or(Duration()).count());
  if (reply.warnings.empty()) return;
  auto warnings = out.initWarnings(static_cast<unsigned>(reply.warnings.size()));
  for (unsigned i = 0; i < warnings.size(); ++i) {
    warnings[i].setCode(to_text(reply.warnings[i].code));
    warnings[i].setPath(to_text(reply.warnings[i].path));
  }
}

void write(rpc::Rejection::Builder out, const Rejection& rejection) {
  out.setCode(to_text(rejection.code));
  out.setDetail(to_text(rejection.detail.str()));
}

void write(rpc::Order::Builder out, const RunRequest& request, const CommandOptions& options) {
  write(out.initMark(), options);
  if (request.workspace) out.setWorkspace(to_text(request.workspace->str()));
  if (request.tenant) out.setTenant(to_text(request.tenant->str()));
  out.setType(to_text(request.type.str()));
  out.setInput(to_text(request.input.canonical()));
  out.setRun(to_data(request.run));
  if (request.initiator) out.setInitiator(to_text(request.initiator->str()));
  out.setForce(request.force);
  out.setRerunOf(to_data(request.rerun_of));
  out.setParent(to_data(request.parent));
  if (!request.labels.empty()) {
    auto labels = out.initLabels(static_cast<unsigned>(request.labels.size()));
    unsigned next = 0;
    for (const auto& [key, value] : request.labels) {
      labels[next].setKey(to_text(key.str()));
      labels[next].setValue(to_text(value.str()));
      ++next;
    }
  }
  if (request.traceparent) out.setTraceparent(to_text(*request.traceparent));
  if (request.policy != PolicyChanges()) write_changes(out.initPolicy(), request.policy);
}

void write(rpc::Start::Builder out, const StartAttempt& start, const CommandOptions& options) {
  write(out.initMark(), options);
  out.setRun(to_data(start.run));
  out.setWorker(to_text(start.worker.str()));
  out.setLease(start.lease.value_or(Duration()).count());
  out.setRespectNotBefore(start.respect_not_before);
}

void write(rpc::IdentityStart::Builder out, const IdentityStart& start, const CommandOptions& options) {
  write(out.initOrder(), start.request, options);
  out.setWorker(to_text(start.worker.str()));
  out.setLease(start.lease.value_or(Duration()).count());
  out.setRespectNotBefore(start.respect_not_before);
}

void write(rpc::Heartbeat::Builder out, const Heartbeat& heartbeat) {
  out.setRun(to_data(heartbeat.run));
  out.setAttempt(heartbeat.attempt.attempt.value);
  out.setToken(heartbeat.attempt.token.value);
  if (heartbeat.progress)
    write_counts(out.initProgress(static_cast<unsigned>(heartbeat.progress->size())), *heartbeat.progress);
}

void write(rpc::Finish::Builder out, const FinishAttempt& finish, const CommandOptions& options) {
  write(out.initMark(), options);
  const auto& attempt = std::get<AttemptRef>(finish.attempt);
  out.setRun(to_data(finish.run));
  out.setAttempt(attempt.attempt.value);
  out.setToken(attempt.token.value);
  out.setOutcome(to_text(to_string(finish.outcome)));
  write_counts(out.initSummaryCounts(static_cast<unsigned>(finish.summary_counts.size())), finish.summary_counts);
  auto failures = out.initFailures(static_cast<unsigned>(finish.failures.size()));
  for (unsigned i = 0; i < failures.size(); ++i) write_note(failures[i], finish.failures[i]);
  out.setNoRetry(!finish.retryable);
}

void write(rpc::Failure::Builder out, const FailRun& fail, const CommandOptions& options) {
  write(out.initMark(), options);
  out.setRun(to_data(fail.run));
  write_note(out.initWhy(), {fail.reason_code, fail.message});
  out.setCancelled(fail.outcome == RunOutcome::kCancelled);
  if (fail.initiator) out.setInitiator(to_text(fail.initiator->str()));
  if (!fail.seen) return;
  auto seen = out.initSeen();
  seen.setStatus(to_text(to_string(fail.seen->status)));
  seen.setAttempt(fail.seen->attempt.value);
}

void write(rpc::Cancel::Builder out, const CancelRun& cancel, const CommandOptions& options) {
  write(out.initMark(), options);
  out.setRun(to_data(cancel.run));
  out.setMessage(to_text(cancel.message.str()));
  if (cancel.initiator) out.setInitiator(to_text(cancel.initiator->str()));
}

void write(rpc::Expiry::Builder out, const ExpireLease& expiry) {
  out.setRun(to_data(expiry.run));
}

void write(rpc::SpooledRun::Builder out, const SpooledRun& spooled) {
  write(out.initOrder(), spooled.request, {});
  out.setWorker(to_text(spooled.worker.str()));
  out.setRequestedAt(spooled.requested_at.unix_us);
  out.setCancelled(spooled.cancelled);
  auto attempts = out.initAttempts(static_cast<unsigned>(spooled.attempts.size()));
  for (unsigned i = 0; i < attempts.size(); ++i) write_attempt(attempts[i], spooled.attempts[i]);
}

void write(rpc::Answer::Builder out, const Answer& answer) {
  if (const auto* reply = std::get_if<Reply>(&answer)) return write(out.initReply(), *reply);
  if (const auto* unknown = std::get_if<UnknownOutcome>(&answer)) return out.setUnknown(to_text(unknown->what));
  write(out.initRejection(), std::get<Rejection>(answer));
}

Result<CommandOptions> read_options(rpc::Mark::Reader in) {
  return checked([&] {
    CommandOptions options;
    options.id = read_optional_id<CommandId>(in.getCommandId(), "command_id");
    if (in.getHasOccurredAt()) options.occurred_at = read_time(in.getOccurredAt());
    if (in.getStarter().size() > 0) options.starter = need(parse_starter(view(in.getStarter())));
    return options;
  });
}

Result<RunRequest> read(rpc::Order::Reader in) {
  return checked([&] {
    RunRequest request;
    if (in.getWorkspace().size() > 0) request.workspace = need(parse_workspace(view(in.getWorkspace())));
    if (in.getTenant().size() > 0) request.tenant = need(parse_tenant(view(in.getTenant())));
    request.type = need(parse_run_type(view(in.getType())));
    if (in.getInput().size() > 0) request.input = need(RunInput::parse(view(in.getInput())));
    request.run = read_optional_id<RunId>(in.getRun(), "run");
    request.initiator = read_initiator(in);
    request.force = in.getForce();
    request.rerun_of = read_optional_id<RunId>(in.getRerunOf(), "rerun_of");
    request.parent = read_optional_id<RunId>(in.getParent(), "parent");
    for (const auto label : in.getLabels()) add_label(request.labels, view(label.getKey()), view(label.getValue()));
    if (in.getTraceparent().size() > 0) request.traceparent = std::string(view(in.getTraceparent()));
    if (in.hasPolicy()) request.policy = read_changes(in.getPolicy());
    return request;
  });
}

Result<StartAttempt> read(rpc::Start::Reader in) {
  return checked([&] {
    return StartAttempt{.run = read_id<RunId>(in.getRun(), "run"),
                        .worker = sanitize(view(in.getWorker())),
                        .lease = read_lease(in.getLease()),
                        .respect_not_before = in.getRespectNotBefore()};
  });
}

Result<IdentityStart> read(rpc::IdentityStart::Reader in) {
  return checked([&] {
    return IdentityStart{.request = need(read(in.getOrder())),
                         .worker = sanitize(view(in.getWorker())),
                         .lease = read_lease(in.getLease()),
                         .respect_not_before = in.getRespectNotBefore()};
  });
}

Result<Heartbeat> read(rpc::Heartbeat::Reader in) {
  return checked([&] {
    Heartbeat heartbeat{.run = read_id<RunId>(in.getRun(), "run"),
                        .attempt = {AttemptNumber{in.getAttempt()}, ScopeSequence{in.getToken()}}};
    if (!in.hasProgress()) return heartbeat;
    heartbeat.progress.emplace();
    for (const auto count : in.getProgress()) take_count(heartbeat, view(count.getKey()), count.getValue());
    return heartbeat;
  });
}

Result<FinishAttempt> read(rpc::Finish::Reader in) {
  return checked([&] {
    FinishAttempt finish = read_report(in);
    finish.run = read_id<RunId>(in.getRun(), "run");
    finish.attempt = AttemptRef{AttemptNumber{in.getAttempt()}, ScopeSequence{in.getToken()}};
    finish.outcome = need(parse_reported_outcome(view(in.getOutcome())));
    return finish;
  });
}

Result<FailRun> read(rpc::Failure::Reader in) {
  return checked([&] {
    FailureNote why = read_note(in.getWhy());
    FailRun fail{.run = read_id<RunId>(in.getRun(), "run"),
                 .reason_code = std::move(why.reason_code),
                 .message = std::move(why.message),
                 .outcome = in.getCancelled() ? RunOutcome::kCancelled : RunOutcome::kFailed};
    if (in.hasSeen()) fail.seen = read_seen(in.getSeen());
    fail.initiator = read_initiator(in);
    return fail;
  });
}

Result<CancelRun> read(rpc::Cancel::Reader in) {
  return checked([&] {
    return CancelRun{.run = read_id<RunId>(in.getRun(), "run"),
                     .message = sanitize(view(in.getMessage())),
                     .initiator = read_initiator(in)};
  });
}

Result<ExpireLease> read(rpc::Expiry::Reader in) {
  return checked([&] { return ExpireLease{read_id<RunId>(in.getRun(), "run")}; });
}

Result<SpooledRun> read(rpc::SpooledRun::Reader in) {
  return checked([&] {
    SpooledRun spooled{.request = need(read(in.getOrder())),
                       .worker = sanitize(view(in.getWorker())),
                       .requested_at = read_time(in.getRequestedAt()),
                       .attempts = {},
                       .cancelled = in.getCancelled()};
    for (const auto attempt : in.getAttempts()) spooled.attempts.push_back(read_attempt(attempt));
    return spooled;
  });
}

Answer read(rpc::Reply::Reader in) {
  const auto verdict = parse_word<Verdict>(view(in.getVerdict()));
  const auto rule = parse_word<DedupeRule>(view(in.getRule()));
  const auto status = parse_word<RunStatus>(view(in.getStatus()));
  const auto outcome = parse_word<RunOutcome>(view(in.getOutcome()));
  if (!verdict || (!rule && in.getRule().size() > 0) || !status || !outcome) {
    return UnknownOutcome{"the daemon answered with words that this version does not know"};
  }
  const auto run = checked([&] { return read_id<RunId>(in.getRun(), "run"); });
  if (!run) return UnknownOutcome{run.rejection().detail.str()};
  std::vector<Warning> warnings;
  for (const auto warning : in.getWarnings()) {
    warnings.push_back({sanitize(view(warning.getCode())).str(), sanitize(view(warning.getPath())).str()});
  }
  return Reply{.verdict = *verdict,
               .rule = rule,
               .run = *run,
               .attempt = AttemptNumber{in.getAttempt()},
               .token = ScopeSequence{in.getToken()},
               .retry_after = in.getHasRetryAfter() ? std::optional(Duration{in.getRetryAfter()}) : std::nullopt,
               .sequence = Sequence{in.getSequence()},
               .run_version = RunVersion{in.getRunVersion()},
               .position = read_position(in),
               .status = *status,
               .outcome = *outcome,
               .repeated = in.getRepeated(),
               .events = in.getEvents(),
               .warnings = std::move(warnings),
               .lease = read_lease(in.getLease())};
}

Rejection read(rpc::Rejection::Reader in) {
  return reject(view(in.getCode()), view(in.getDetail()));
}

Answer read(rpc::Answer::Reader in) {
  switch (in.which()) {
    case rpc::Answer::REPLY:
      return read(in.getReply());
    case rpc::Answer::REJECTION:
      return read(in.getRejection());
    case rpc::Answer::UNKNOWN:
      return UnknownOutcome{std::string(view(in.getUnknown()))};
  }
  return UnknownOutcome{"the daemon answered with words that this version does not know"};
}

void write(rpc::Explanation::Builder out, const Explanation& explanation) {
  const auto& bytes = explanation.identity.digest.bytes;
  out.setIdentity(kj::arrayPtr(bytes.data(), bytes.size()));
  std::visit([&](const auto& answer) { write(out.initAnswer(), Answer(answer)); }, explanation.answer);
  out.setNamesRun(explanation.names_run);
  out.setActiveRun(to_data(explanation.holder.active));
  out.setLastRun(to_data(explanation.holder.last));
  out.setHasCooldownUntil(explanation.holder.cooldown_until.has_value());
  out.setCooldownUntil(explanation.holder.cooldown_until.value_or(Time{}).unix_us);
  out.setDecidedBy(explanation.holder.decided_by.value);
}

Explanation read(rpc::Explanation::Reader in) {
  const Result<Explanation> explanation = checked([&] {
    Explanation read_one;
    auto& bytes = read_one.identity.digest.bytes;
    const auto identity = in.getIdentity();
    if (identity.size() != bytes.size()) refuse("identity.invalid", "expected 32 bytes");
    std::copy(identity.begin(), identity.end(), bytes.begin());
    const Answer answer = read(in.getAnswer());
    if (const auto* unknown = std::get_if<UnknownOutcome>(&answer)) refuse("daemon.failed", unknown->what);
    if (const auto* rejection = std::get_if<Rejection>(&answer)) read_one.answer = *rejection;
    if (const auto* reply = std::get_if<Reply>(&answer)) read_one.answer = *reply;
    read_one.names_run = in.getNamesRun();
    read_one.holder.active = read_optional_id<RunId>(in.getActiveRun(), "run");
    read_one.holder.last = read_optional_id<RunId>(in.getLastRun(), "run");
    if (in.getHasCooldownUntil()) read_one.holder.cooldown_until = Time{in.getCooldownUntil()};
    read_one.holder.decided_by = Sequence{in.getDecidedBy()};
    return read_one;
  });
  if (!explanation) throw Failure(Remedy::kCallOperator, "daemon.failed", explanation.rejection().detail.str());
  return *explanation;
}

std::string refusal_text(const Rejection& rejection) {
  return fmt::format("{}: {}", rejection.code, rejection.detail.str());
}

std::string refusal_text(const Failure& failure) {
  return fmt::format("{} {}: {}", to_string(failure.remedy()), failure.code(), failure.what());
}

std::variant<Rejection, Failure> read_refusal(std::string_view text) {
  const std::size_t colon = std::min(text.find(": "), text.size());
  const std::string_view detail = text.substr(std::min(colon + 2, text.size()));
  const std::string_view head = text.substr(0, colon);
  if (looks_like_a_code(head)) return reject(head, detail);
  for (const auto& [remedy, word] : kEnumWords<Remedy>) {
    if (head.starts_with(word) && looks_like_a_code(head.substr(std::min(word.size() + 1, head.size()))))
      return Failure(remedy, head.substr(word.size() + 1), std::string(detail));
  }
  return Failure(Remedy::kCallOperator, "daemon.failed", fmt::format("the daemon could not do it: {}", text));
}

}  // namespace runledger::wire
