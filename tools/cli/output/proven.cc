// The words are those of docs/evidence.md.
#include "tools/cli/output/proven.h"

#include <fmt/format.h>

#include "ledger/base/failure.h"
#include "ledger/exchange/envelope_json.h"
#include "ledger/log/codec.h"
#include "ledger/values/json_writer.h"
#include "tools/cli/output/event_text.h"

namespace runledger {
namespace {

// Returns nullopt when this version cannot decode the bytes, of which the proof holds all the same.
std::optional<Envelope> decode_proven(const ProvenEvent& proven) {
  try {
    return decode(proven.sequence, proven.stored);
  } catch (const Failure&) {
    return std::nullopt;
  }
}

struct ProvenText {
  Output& out;

  void operator()(const ProvenEvent& proven) const {
    const std::optional<Envelope> event = decode_proven(proven);
    out.line(fmt::format("proven: this is event {} of the first {} events of {}", proven.sequence.value,
                         proven.checkpoint.tree.size, proven.checkpoint.origin));
    out.line("  " + (event ? envelope_text(*event) : "(this version of the program cannot read its bytes)"));
    out.line(
        "not proven: that what the event says is true; that its times are right; that its run has no other events");
  }

  void operator()(const ProvenRun& proven) const {
    out.line(fmt::format("proven: these are the first {} events of run {}, all among the first {} events of {}",
                         proven.events.size(), format_uuid(proven.run.value), proven.checkpoint.tree.size,
                         proven.checkpoint.origin));
    for (const Envelope& event : proven.events) out.line("  " + envelope_text(event));
    out.line(
        "not proven: that the run has no later events; that what the events say is true; that their times are right");
  }

  void operator()(const ProvenExtension& proven) const {
    out.line(fmt::format("proven: the first {} events of {} are those of the older checkpoint, and {} follow them",
                         proven.old.tree.size, proven.checkpoint.origin,
                         proven.checkpoint.tree.size - proven.old.tree.size));
    out.line("not proven: what the events say");
  }
};

struct ProvenJson {
  JsonWriter& json;

  void operator()(const ProvenEvent& proven) const {
    json.member("proven", "event").member("origin", proven.checkpoint.origin);
    json.member("size", proven.checkpoint.tree.size).member("sequence", proven.sequence.value).key("event");
    const std::optional<Envelope> event = decode_proven(proven);
    event ? json.json(envelope_to_json(*event, event_id(proven.stored))) : json.null();
  }

  void operator()(const ProvenRun& proven) const {
    json.member("proven", "run").member("origin", proven.checkpoint.origin);
    json.member("size", proven.checkpoint.tree.size).member("run_id", format_uuid(proven.run.value));
    json.key("events").begin_array();
    for (const Envelope& event : proven.events) json.json(envelope_to_json(event, event_id(encode(event))));
    json.end_array();
  }

  void operator()(const ProvenExtension& proven) const {
    json.member("proven", "extension").member("origin", proven.checkpoint.origin);
    json.member("size", proven.checkpoint.tree.size).member("old_size", proven.old.tree.size);
  }
};

}  // namespace

void print_proven(const Context& context, const Proven& proven) {
  if (context.json()) {
    JsonWriter json;
    json.begin_object();
    std::visit(ProvenJson{json}, proven);
    context.out.line(json.end_object().take());
    return;
  }
  std::visit(ProvenText{context.out}, proven);
  context.out.line("not proven: that the owner of the key has shown every reader the same history");
}

}  // namespace runledger
