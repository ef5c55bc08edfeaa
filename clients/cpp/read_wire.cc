// Converts filters, rows and events, in both directions. Rows and envelopes travel in their stored form, so that the
// codecs of the store serve both purposes; everything else is converted field by field.
#include "clients/cpp/read_wire.h"

#include <algorithm>

#include "clients/cpp/wire_fields.h"
#include "ledger/base/damage.h"
#include "ledger/log/codec.h"
#include "projections/rows/codec.h"

namespace runledger::wire {
namespace {

// An empty text means that the filter is absent.
template <class T>
std::optional<T> need_known(std::optional<T> (*parse)(std::string_view), capnp::Text::Reader text,
                            std::string_view field) {
  if (text.size() == 0) return std::nullopt;
  const std::optional<T> value = parse(view(text));
  if (!value) {
    refuse(fmt::format("{}.invalid", field),
           fmt::format("expected {} to be one that is known, found \"{}\"", field, view(text)));
  }
  return value;
}

// Adds the values of a list to those of a single text, which older clients send.
template <class T, class Parse>
void add_values(AnyOf<T>& values, capnp::List<capnp::Text>::Reader list, const Parse& parse) {
  if (list.size() > kFilterValuesMax) throw Refused(too_many_values(list.size()));
  for (const auto text : list) values.insert(parse(text));
}

template <class T>
T need_word(capnp::Text::Reader text, std::string_view field) {
  const std::optional<T> value = need_known(parse_word<T>, text, field);
  if (!value) refuse(fmt::format("{}.invalid", field), "expected a text, found an empty one");
  return *value;
}

void read_values(rpc::RunFilter::Reader in, RunFilter& filter) {
  if (in.getType().size() > 0) filter.type = need(parse_run_type(view(in.getType())));
  filter.status = need_known(parse_word<RunStatus>, in.getStatus(), "status");
  filter.outcome = need_known(parse_word<RunOutcome>, in.getOutcome(), "outcome");
  add_values(filter.type, in.getTypes(), [](capnp::Text::Reader text) { return need(parse_run_type(view(text))); });
  add_values(filter.status, in.getStatuses(),
             [](capnp::Text::Reader text) { return need_word<RunStatus>(text, "status"); });
  add_values(filter.outcome, in.getOutcomes(),
             [](capnp::Text::Reader text) { return need_word<RunOutcome>(text, "outcome"); });
}

void read_times(rpc::RunFilter::Reader in, RunFilter& filter) {
  if (in.getHasSince()) filter.since = Time{in.getSince()};
  if (in.getHasUntil()) filter.until = Time{in.getUntil()};
  if (in.getHasCompletedSince()) filter.completed_since = Time{in.getCompletedSince()};
  if (in.getHasActiveBetween()) filter.active_between = TimeRange{Time{in.getActiveFrom()}, Time{in.getActiveUntil()}};
}

Identity read_identity(capnp::Data::Reader bytes) {
  const std::optional<Digest<32>> digest = parse_digest<32>(format_hex(view(bytes)));
  if (!digest) refuse("identity.invalid", fmt::format("expected an identity of 32 bytes, found {}", bytes.size()));
  return {*digest};
}

// Reads an id that a daemon sent. A wrong size is damage, because a daemon sends only ids from its store.
template <class Id>
Id sent_id(capnp::Data::Reader bytes) {
  const Result<Id> id = checked([&] { return read_id<Id>(bytes, "id"); });
  if (!id) throw_damaged(id.rejection().detail.str());
  return *id;
}

template <class Init, class T, class ToText>
void write_values(const Init& init, const AnyOf<T>& values, const ToText& to_string_view) {
  auto list = init(static_cast<unsigned>(values.values().size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, to_text(to_string_view(values.values()[i])));
}

void write_times(rpc::RunFilter::Builder out, const RunFilter& filter) {
  out.setHasSince(filter.since.has_value());
  out.setSince(filter.since.value_or(Time{}).unix_us);
  out.setHasUntil(filter.until.has_value());
  out.setUntil(filter.until.value_or(Time{}).unix_us);
  out.setHasCompletedSince(filter.completed_since.has_value());
  out.setCompletedSince(filter.completed_since.value_or(Time{}).unix_us);
  out.setHasActiveBetween(filter.active_between.has_value());
  const TimeRange active = filter.active_between.value_or(TimeRange{});
  out.setActiveFrom(active.from.unix_us);
  out.setActiveUntil(active.until.unix_us);
}

}  // namespace

void write(rpc::RunFilter::Builder out, const RunFilter& filter) {
  if (filter.workspace) out.setWorkspace(to_text(filter.workspace->str()));
  if (filter.tenant) out.setTenant(to_text(filter.tenant->str()));
  write_values([&out](unsigned count) { return out.initTypes(count); }, filter.type,
               [](const RunType& type) { return std::string_view(type.str()); });
  write_values([&out](unsigned count) { return out.initStatuses(count); }, filter.status,
               [](RunStatus status) { return to_string(status); });
  write_values([&out](unsigned count) { return out.initOutcomes(count); }, filter.outcome,
               [](RunOutcome outcome) { return to_string(outcome); });
  if (filter.reason_code) out.setReasonCode(to_text(filter.reason_code->str()));
  out.setHasInitiator(filter.initiator.has_value());
  if (filter.initiator) out.setInitiator(to_text(filter.initiator->str()));
  out.setHasWorker(filter.worker.has_value());
  if (filter.worker) out.setWorker(to_text(filter.worker->str()));
  if (filter.identity) out.setIdentity(to_data(bytes_of(filter.identity->digest)));
  out.setParent(to_data(filter.parent));
  auto labels = out.initLabels(static_cast<unsigned>(filter.labels.size()));
  unsigned next = 0;
  for (const auto& [key, value] : filter.labels) {
    labels[next].setKey(to_text(key.str()));
    labels[next].setValue(to_text(value.str()));
    ++next;
  }
  out.setAttemptsMin(filter.attempts_min);
  out.setDeduped(filter.deduped);
  if (filter.id_prefix) out.setIdPrefix(to_text(filter.id_prefix->digits));
  write_times(out, filter);
  write(out.initAsOf(), filter.as_of);
}

void write(rpc::RunRow::Builder out, const OperationRun::Row& row) {
  out.setRun(to_data(row.id));
  out.setRow(to_data(RowCodec::encode(row)));
}

void write(rpc::EventFilter::Builder out, const EventFilter& filter) {
  out.setRun(to_data(filter.run));
  if (filter.tenant) out.setTenant(to_text(filter.tenant->str()));
  if (filter.type) out.setType(to_text(filter.type->str()));
  if (filter.kind) out.setKind(to_text(*filter.kind));
}

void write(rpc::AsOf::Builder out, const std::optional<AsOf>& as_of) {
  if (!as_of) return out.setNow();
  if (const auto* time = std::get_if<Time>(&*as_of)) return out.setTime(time->unix_us);
  out.setSequence(std::get<Sequence>(*as_of).value);
}

void write(capnp::List<rpc::SeenEvent>::Builder out, const std::vector<VisibleEvent>& events) {
  for (unsigned i = 0; i < out.size(); ++i) {
    out[i].setSequence(events[i].envelope.sequence.value);
    const Envelope& envelope = events[i].envelope;
    out[i].setEnvelope(to_data(encode_opened(envelope)));
    // Otherwise the receiver makes the id of the bytes.
    if (envelope.caller.kind == CallerKind::kHidden || !envelope.sealed.bytes.empty())
      out[i].setId(to_data(events[i].id));
  }
}

Result<RunFilter> read(rpc::RunFilter::Reader in) {
  return checked([&] {
    RunFilter filter;
    if (in.getWorkspace().size() > 0) filter.workspace = need(parse_workspace(view(in.getWorkspace())));
    if (in.getTenant().size() > 0) filter.tenant = need(parse_tenant(view(in.getTenant())));
    read_values(in, filter);
    if (in.getReasonCode().size() > 0) filter.reason_code = need(parse_reason_code(view(in.getReasonCode())));
    if (in.getHasInitiator()) filter.initiator = sanitize(view(in.getInitiator()));
    if (in.getHasWorker()) filter.worker = sanitize(view(in.getWorker()));
    if (in.getIdentity().size() > 0) filter.identity = read_identity(in.getIdentity());
    filter.parent = read_optional_id<RunId>(in.getParent(), "parent");
    for (const auto label : in.getLabels()) add_label(filter.labels, view(label.getKey()), view(label.getValue()));
    filter.attempts_min = in.getAttemptsMin();
    filter.deduped = in.getDeduped();
    if (in.getIdPrefix().size() > 0) filter.id_prefix = need(parse_id_prefix(view(in.getIdPrefix())));
    read_times(in, filter);
    filter.as_of = need(read(in.getAsOf()));
    return filter;
  });
}

Result<RunId> read_run_id(capnp::Data::Reader in) {
  return checked([&] { return read_id<RunId>(in, "run"); });
}

Result<EventFilter> read(rpc::EventFilter::Reader in) {
  return checked([&] {
    EventFilter filter;
    filter.run = read_optional_id<RunId>(in.getRun(), "run");
    if (in.getTenant().size() > 0) filter.tenant = need(parse_tenant(view(in.getTenant())));
    if (in.getType().size() > 0) filter.type = need(parse_run_type(view(in.getType())));
    if (in.getKind().size() > 0) {
      filter.kind = std::string(view(in.getKind()));
      if (std::find(std::begin(kEventKinds), std::end(kEventKinds), *filter.kind) == std::end(kEventKinds))
        refuse("kind.invalid", fmt::format("expected a kind of event, found \"{}\"", *filter.kind));
    }
    return filter;
  });
}

Result<std::optional<AsOf>> read(rpc::AsOf::Reader in) {
  switch (in.which()) {
    case rpc::AsOf::NOW:
      return std::optional<AsOf>();
    case rpc::AsOf::SEQUENCE:
      return std::optional<AsOf>(Sequence{in.getSequence()});
    case rpc::AsOf::TIME:
      return std::optional<AsOf>(Time{in.getTime()});
  }
  return reject("as_of.invalid", "expected now, a sequence or a time");
}

OperationRun::Row read(rpc::RunRow::Reader in) {
  return RowCodec::decode(sent_id<RunId>(in.getRun()), view(in.getRow()));
}

std::vector<VisibleEvent> read(capnp::List<rpc::SeenEvent>::Reader in) {
  std::vector<VisibleEvent> events;
  events.reserve(in.size());
  for (const auto event : in) {
    const std::string_view stored = view(event.getEnvelope());
    const EventId id = event.getId().size() == 0 ? event_id(stored) : sent_id<EventId>(event.getId());
    events.push_back({decode(Sequence{event.getSequence()}, stored), id});
  }
  return events;
}

void write(capnp::List<rpc::Progress>::Builder out, const std::vector<RunId>& runs,
           const std::map<RunId, Counts>& progress) {
  for (unsigned i = 0; i < out.size(); ++i) {
    const auto found = progress.find(runs[i]);
    if (found == progress.end()) continue;
    auto counts = out[i].initCounts(static_cast<unsigned>(found->second.size()));
    unsigned next = 0;
    for (const auto& [key, value] : found->second) {
      counts[next].setKey(to_text(key.str()));
      counts[next].setValue(value);
      ++next;
    }
  }
}

std::map<RunId, Counts> read(capnp::List<rpc::Progress>::Reader in, const std::vector<RunId>& runs) {
  std::map<RunId, Counts> progress;
  for (unsigned i = 0; i < std::min<std::size_t>(in.size(), runs.size()); ++i) {
    for (const auto count : in[i].getCounts()) {
      if (const Result<CountKey> key = parse_count_key(view(count.getKey())))
        progress[runs[i]].emplace(*key, count.getValue());
    }
  }
  return progress;
}

}  // namespace runledger::wire
