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

// Reads an id that a daemon sent. A wrong size is damage, because a daemon sends only ids from its store.
template <class Id>
Id sent_id(capnp::Data::Reader bytes) {
  const Result<Id> id = checked([&] { return read_id<Id>(bytes, "id"); });
  if (!id) throw_damaged(id.rejection().detail.str());
  return *id;
}

}  // namespace

void write(rpc::RunFilter::Builder out, const RunFilter& filter) {
  if (filter.workspace) out.setWorkspace(to_text(filter.workspace->str()));
  if (filter.tenant) out.setTenant(to_text(filter.tenant->str()));
  if (filter.type) out.setType(to_text(filter.type->str()));
  if (filter.status) out.setStatus(to_text(to_string(*filter.status)));
  if (filter.outcome) out.setOutcome(to_text(to_string(*filter.outcome)));
  out.setHasSince(filter.since.has_value());
  out.setSince(filter.since.value_or(Time{}).unix_us);
  out.setHasUntil(filter.until.has_value());
  out.setUntil(filter.until.value_or(Time{}).unix_us);
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
    out[i].setEnvelope(to_data(encode(events[i].envelope)));
    if (events[i].envelope.caller.kind == CallerKind::kHidden) out[i].setId(to_data(events[i].id));
  }
}

Result<RunFilter> read(rpc::RunFilter::Reader in) {
  return checked([&] {
    RunFilter filter;
    if (in.getWorkspace().size() > 0) filter.workspace = need(parse_workspace(view(in.getWorkspace())));
    if (in.getTenant().size() > 0) filter.tenant = need(parse_tenant(view(in.getTenant())));
    if (in.getType().size() > 0) filter.type = need(parse_run_type(view(in.getType())));
    filter.status = need_known(parse_word<RunStatus>, in.getStatus(), "status");
    filter.outcome = need_known(parse_word<RunOutcome>, in.getOutcome(), "outcome");
    if (in.getHasSince()) filter.since = Time{in.getSince()};
    if (in.getHasUntil()) filter.until = Time{in.getUntil()};
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
