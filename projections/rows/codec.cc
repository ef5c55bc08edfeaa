// Converts rows and totals to and from their canonical Cap'n Proto bytes.
//
// The schema is schema/row.capnp. RowBatch encodes each row that a batch of events changed, readers decode rows as they
// find them, and the check compares encoded rows with stored bytes. The RPC server and the C++ client use the same
// bytes for rows and for sums of totals, hence a struct may only be extended at its end.
//
// Encoding fills in a message and then writes its canonical form: one segment, no segment table, the same bytes for
// equal content. Three rules keep content canonical before that point:
// - Maps are written in the order of their keys.
// - An absent text is a null pointer, and an absent time is zero with its Bool false.
// - An identity is four big-endian words.
//
// Decoding checks lengths, pointers and enumerations, and throws at the first value that no version has written. It
// trusts the texts, which were validated before they were recorded: RowCodec is one of the few classes that can make a
// FromLog, the key to the constructors that do not validate again.
//
// Every value that is written must be readable again, or the rows would stop for good at the event that made it too
// large. readable() asserts this; the limits on inputs, failures and names of totals make it hold.
#include "projections/rows/codec.h"

#include "ledger/base/assert.h"
#include "ledger/log/wire.h"
#include "schema/row.capnp.h"

namespace runledger {

using stored::enum_from_wire;
using stored::enum_to_wire;
using stored::to_string;
using stored::to_text;
using stored::word_of;

namespace {

using CountsBuilder = capnp::List<wire::Count>::Builder;
using CountsReader = capnp::List<wire::Count>::Reader;

static_assert(enum_to_wire<wire::RunStatus>(RunStatus::kCompleted) == wire::RunStatus::COMPLETED);
static_assert(enum_to_wire<wire::RunOutcome>(RunOutcome::kCancelled) == wire::RunOutcome::CANCELLED);

template <class Collection>
unsigned size_of(const Collection& collection) {
  return static_cast<unsigned>(collection.size());
}

const std::string& text_of(const std::string& key) {
  return key;
}
const std::string& text_of(const CountKey& key) {
  return key.str();
}

template <class Map>
void write_counts(CountsBuilder list, const Map& counts) {
  unsigned i = 0;
  for (const auto& [key, value] : counts) {
    list[i].setKey(to_text(text_of(key)));
    list[i].setValue(value);
    ++i;
  }
}

Statistics::Totals read_totals(CountsReader list) {
  Statistics::Totals totals;
  for (const auto entry : list) totals.emplace_hint(totals.end(), to_string(entry.getKey()), entry.getValue());
  return totals;
}

void write_identity(wire::OperationRun::Builder out, const Identity& identity) {
  out.setIdentity0(word_of(identity.digest.bytes, 0));
  out.setIdentity1(word_of(identity.digest.bytes, 1));
  out.setIdentity2(word_of(identity.digest.bytes, 2));
  out.setIdentity3(word_of(identity.digest.bytes, 3));
}

void write_numbers(wire::OperationRun::Builder out, const OperationRun::Row& row) {
  out.setFirstSequence(row.first_sequence.value);
  out.setLastSequence(row.last_sequence.value);
  out.setCreatedAt(row.created_at.unix_us);
  out.setUpdatedAt(row.updated_at.unix_us);
  out.setRequestedAt(row.requested_at.unix_us);
  out.setHasStartedAt(row.started_at.has_value());
  out.setStartedAt(row.started_at.value_or(Time{}).unix_us);
  out.setHasCompletedAt(row.completed_at.has_value());
  out.setCompletedAt(row.completed_at.value_or(Time{}).unix_us);
  out.setHasDueAt(row.due_at.has_value());
  out.setDueAt(row.due_at.value_or(Time{}).unix_us);
  out.setRunVersion(row.run_version.value);
  out.setAttempt(row.attempt.value);
  out.setMaxAttempts(row.max_attempts);
  out.setDedupedCount(row.deduped_count);
  out.setSkippedCount(row.skipped_count);
  out.setStatus(enum_to_wire<wire::RunStatus>(row.status));
  out.setOutcome(enum_to_wire<wire::RunOutcome>(row.outcome));
  out.setImportedOpen(row.imported_open);
}

void read_numbers(wire::OperationRun::Reader in, OperationRun::Row& row) {
  row.first_sequence = Sequence{in.getFirstSequence()};
  row.last_sequence = Sequence{in.getLastSequence()};
  row.created_at = Time{in.getCreatedAt()};
  row.updated_at = Time{in.getUpdatedAt()};
  row.requested_at = Time{in.getRequestedAt()};
  if (in.getHasStartedAt()) row.started_at = Time{in.getStartedAt()};
  if (in.getHasCompletedAt()) row.completed_at = Time{in.getCompletedAt()};
  if (in.getHasDueAt()) row.due_at = Time{in.getDueAt()};
  row.run_version = RunVersion{in.getRunVersion()};
  row.attempt = AttemptNumber{in.getAttempt()};
  row.max_attempts = in.getMaxAttempts();
  row.deduped_count = in.getDedupedCount();
  row.skipped_count = in.getSkippedCount();
  row.status = enum_from_wire(in.getStatus(), RunStatus::kCompleted);
  row.outcome = enum_from_wire(in.getOutcome(), RunOutcome::kCancelled);
  row.imported_open = in.getImportedOpen();
}

void write_relatives(wire::OperationRun::Builder out, const OperationRun::Row& row) {
  if (row.parent) {
    out.setHasParent(true);
    out.setParent0(word_of(row.parent->value.bytes, 0));
    out.setParent1(word_of(row.parent->value.bytes, 1));
    out.setRoot0(word_of(row.root->value.bytes, 0));
    out.setRoot1(word_of(row.root->value.bytes, 1));
  }
  if (row.rerun_of) {
    out.setHasRerunOf(true);
    out.setRerunOf0(word_of(row.rerun_of->value.bytes, 0));
    out.setRerunOf1(word_of(row.rerun_of->value.bytes, 1));
  }
}

void read_relatives(wire::OperationRun::Reader in, OperationRun::Row& row) {
  if (in.getHasParent()) {
    row.parent = stored::uuid_of<RunTag>(in.getParent0(), in.getParent1());
    row.root = stored::uuid_of<RunTag>(in.getRoot0(), in.getRoot1());
  }
  if (in.getHasRerunOf()) row.rerun_of = stored::uuid_of<RunTag>(in.getRerunOf0(), in.getRerunOf1());
}

void write_texts(wire::OperationRun::Builder out, const OperationRun::Row& row) {
  out.setWorkspace(to_text(row.scope.workspace.str()));
  if (row.scope.tenant) out.setTenant(to_text(row.scope.tenant->str()));
  out.setType(to_text(row.type.str()));
  out.setContext(to_text(row.context.canonical()));
  if (row.initiator) out.setInitiator(to_text(row.initiator->str()));
  if (!row.labels.empty()) stored::write_labels(out.initLabels(size_of(row.labels)), row.labels);
  if (row.traceparent) out.setTraceparent(kj::arrayPtr(row.traceparent->bytes.data(), row.traceparent->bytes.size()));
  if (row.reason_code) out.setReasonCode(to_text(row.reason_code->str()));
}

void write_failures(wire::OperationRun::Builder out, const std::vector<FailureNote>& failures) {
  auto list = out.initFailures(size_of(failures));
  for (unsigned i = 0; i < list.size(); ++i) {
    list[i].setReasonCode(to_text(failures[i].reason_code.str()));
    list[i].setMessage(to_text(failures[i].message.str()));
  }
}

// Only RowCodec can make a FromLog, so functions outside the class take one as an argument.
void read_texts(wire::OperationRun::Reader in, FromLog from_log, OperationRun::Row& row) {
  row.scope.workspace = Workspace(to_string(in.getWorkspace()), from_log);
  if (in.hasTenant()) row.scope.tenant = Tenant(to_string(in.getTenant()), from_log);
  row.type = RunType(to_string(in.getType()), from_log);
  row.context = RunInput(to_string(in.getContext()), from_log);
  if (in.hasInitiator()) row.initiator = SanitizedText(to_string(in.getInitiator()), from_log);
  row.labels = stored::read_labels(in.getLabels(), from_log);
  if (in.hasTraceparent()) row.traceparent = stored::read_traceparent(in.getTraceparent());
  if (in.hasReasonCode()) row.reason_code = ReasonCode(to_string(in.getReasonCode()), from_log);
}

Counts read_counts(CountsReader list, FromLog from_log) {
  Counts counts;
  for (const auto entry : list) {
    counts.emplace_hint(counts.end(), CountKey(to_string(entry.getKey()), from_log), entry.getValue());
  }
  return counts;
}

std::vector<FailureNote> read_failures(capnp::List<wire::FailureNote>::Reader list, FromLog from_log) {
  std::vector<FailureNote> failures;
  failures.reserve(list.size());
  for (const auto entry : list) {
    failures.push_back({ReasonCode(to_string(entry.getReasonCode()), from_log),
                        SanitizedText(to_string(entry.getMessage()), from_log)});
  }
  return failures;
}

// A value that could not be read again would stop the rows for good. The limits on its parts keep every value far
// smaller.
std::string readable(std::string bytes, std::size_t bytes_max = stored::kBytesMax) {
  RUNLEDGER_ASSERT(bytes.size() <= bytes_max);
  return bytes;
}

std::string totals_bytes(const Statistics& totals) {
  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<wire::Totals>();
  out.setRuns(totals.runs);
  out.setAttempts(totals.attempts);
  write_counts(out.initByStatus(size_of(totals.by_status)), totals.by_status);
  write_counts(out.initByOutcome(size_of(totals.by_outcome)), totals.by_outcome);
  write_counts(out.initByType(size_of(totals.by_type)), totals.by_type);
  write_counts(out.initByTenant(size_of(totals.by_tenant)), totals.by_tenant);
  if (!totals.by_scope.empty()) write_counts(out.initByScope(size_of(totals.by_scope)), totals.by_scope);
  write_counts(out.initEventsByKind(size_of(totals.events_by_kind)), totals.events_by_kind);
  write_counts(out.initDeduped(size_of(totals.deduped)), totals.deduped);
  write_counts(out.initSummaryCounts(size_of(totals.summary_counts)), totals.summary_counts);
  auto by_attempts = out.initByAttempts(size_of(totals.by_attempts));
  unsigned i = 0;
  for (const auto& [attempts, runs] : totals.by_attempts) {
    by_attempts[i].setAttempts(attempts);
    by_attempts[i].setRuns(runs);
    ++i;
  }
  out.setLeftOutTypes(totals.left_out.by_type);
  out.setLeftOutTenants(totals.left_out.by_tenant);
  out.setLeftOutCounts(totals.left_out.summary_counts);
  out.setLeftOutScopes(totals.left_out.by_scope);
  out.setHasFirstRequestedAt(totals.first_requested_at.has_value());
  out.setFirstRequestedAt(totals.first_requested_at.value_or(Time{}).unix_us);
  out.setHasLastSucceededAt(totals.last_succeeded_at.has_value());
  out.setLastSucceededAt(totals.last_succeeded_at.value_or(Time{}).unix_us);
  return stored::canonical_bytes(out);
}

Statistics totals_of_bytes(std::string_view bytes, std::size_t bytes_max) {
  return stored::read_message<wire::Totals>(
      bytes,
      [](wire::Totals::Reader in) {
        Statistics totals;
        totals.runs = in.getRuns();
        totals.attempts = in.getAttempts();
        totals.by_status = read_totals(in.getByStatus());
        totals.by_outcome = read_totals(in.getByOutcome());
        totals.by_type = read_totals(in.getByType());
        totals.by_tenant = read_totals(in.getByTenant());
        totals.by_scope = read_totals(in.getByScope());
        totals.events_by_kind = read_totals(in.getEventsByKind());
        totals.deduped = read_totals(in.getDeduped());
        totals.summary_counts = read_totals(in.getSummaryCounts());
        totals.left_out = {in.getLeftOutTypes(), in.getLeftOutTenants(), in.getLeftOutCounts(), in.getLeftOutScopes()};
        if (in.getHasFirstRequestedAt()) totals.first_requested_at = Time{in.getFirstRequestedAt()};
        if (in.getHasLastSucceededAt()) totals.last_succeeded_at = Time{in.getLastSucceededAt()};
        for (const auto entry : in.getByAttempts()) totals.by_attempts.emplace(entry.getAttempts(), entry.getRuns());
        return totals;
      },
      bytes_max);
}

}  // namespace

std::string RowCodec::encode(const OperationRun::Row& row) {
  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<wire::OperationRun>();
  write_identity(out, row.identity);
  write_numbers(out, row);
  write_relatives(out, row);
  stored::write_caller(out, row.caller);
  write_texts(out, row);
  if (!row.summary_counts.empty()) {
    write_counts(out.initSummaryCounts(size_of(row.summary_counts)), row.summary_counts);
  }
  if (!row.held_counts.empty()) write_counts(out.initHeldCounts(size_of(row.held_counts)), row.held_counts);
  if (!row.failures.empty()) write_failures(out, row.failures);
  return readable(stored::canonical_bytes(out));
}

OperationRun::Row RowCodec::decode(RunId run, std::string_view stored) {
  return stored::read_message<wire::OperationRun>(stored, [&](wire::OperationRun::Reader in) {
    OperationRun::Row row;
    row.id = run;
    row.identity = stored::identity_of(in.getIdentity0(), in.getIdentity1(), in.getIdentity2(), in.getIdentity3());
    read_numbers(in, row);
    read_relatives(in, row);
    row.caller = stored::read_caller(in);
    read_texts(in, FromLog(), row);
    row.summary_counts = read_counts(in.getSummaryCounts(), FromLog());
    row.held_counts = read_counts(in.getHeldCounts(), FromLog());
    row.failures = read_failures(in.getFailures(), FromLog());
    return row;
  });
}

std::string RowCodec::encode(const Statistics& totals) {
  return readable(totals_bytes(totals));
}

Statistics RowCodec::decode_totals(std::string_view bytes) {
  return totals_of_bytes(bytes, stored::kBytesMax);
}

std::string RowCodec::encode_sum(const Statistics& sum) {
  return readable(totals_bytes(sum), kSumBytesMax);
}

Statistics RowCodec::decode_sum(std::string_view sent) {
  return totals_of_bytes(sent, kSumBytesMax);
}

}  // namespace runledger
