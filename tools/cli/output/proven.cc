// The words are those of docs/evidence.md.
#include "tools/cli/output/proven.h"

#include <fmt/format.h>

#include "ledger/base/failure.h"
#include "ledger/exchange/envelope_json.h"
#include "ledger/log/codec.h"
#include "ledger/values/base64.h"
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

constexpr const char* kNotOtherReaders =
    "not proven: that the owner of the key has shown every reader the same history";
constexpr const char* kNotTrue =
    "not proven: what came after the note was signed; that what the events say is true; that their times are right";

std::string scope_words(const Scope& scope) {
  return scope.tenant ? fmt::format("tenant {} of workspace {}", scope.tenant->str(), scope.workspace.str())
                      : fmt::format("workspace {}, without its tenants,", scope.workspace.str());
}

void add_scope(JsonWriter& json, std::string_view proven, const Scope& scope, std::string_view origin,
               const ScopesNote& note) {
  json.member("proven", proven).member("origin", origin).member("signed_at", format_time(note.signed_at()));
  json.member("workspace_id", scope.workspace.str());
  json.member("tenant_id", scope.tenant ? std::optional(scope.tenant->str()) : std::nullopt);
}

std::string scope_json(const ProvenScope& proven, const std::optional<ProvenScope>& earlier) {
  JsonWriter json;
  json.begin_object();
  add_scope(json, "scope", proven.scope, proven.origin, proven.note);
  json.member("size", proven.events.size).member("root", format_base64(bytes_of(proven.events.root)));
  json.member("runs", proven.runs).member("restored", proven.restored);
  json.member("first_at", format_time(proven.first_at)).member("last_at", format_time(proven.last_at));
  json.member("old_size", earlier ? std::optional(earlier->events.size) : std::nullopt);
  return json.end_object().take();
}

std::string run_json(const ProvenWholeRun& proven) {
  JsonWriter json;
  json.begin_object();
  add_scope(json, "whole_run", proven.scope, proven.origin, proven.note);
  json.member("run_id", format_uuid(proven.run.value)).key("events").begin_array();
  for (const Envelope& event : proven.events) json.json(envelope_to_json(event, event_id(encode(event))));
  return json.end_array().end_object().take();
}

}  // namespace

void print_proven(const Context& context, const ProvenWholeRun& proven) {
  if (context.json()) return context.out.line(run_json(proven));
  context.out.line(fmt::format("proven: these {} events are all that run {} of {} had at {}, when {} signed",
                               proven.events.size(), format_uuid(proven.run.value), scope_words(proven.scope),
                               format_time(proven.note.signed_at()), proven.origin));
  for (const Envelope& event : proven.events) context.out.line("  " + envelope_text(event));
  context.out.line(kNotTrue);
  context.out.line(kNotOtherReaders);
}

void print_proven(const Context& context, const ProvenScope& proven, const std::optional<ProvenScope>& earlier) {
  if (context.json()) return context.out.line(scope_json(proven, earlier));
  context.out.line(fmt::format("proven: these {} events of {} runs are all that {} had at {}, when {} signed",
                               proven.events.size, proven.runs, scope_words(proven.scope),
                               format_time(proven.note.signed_at()), proven.origin));
  context.out.line(fmt::format("  the first was recorded at {}, the last at {}", format_time(proven.first_at),
                               format_time(proven.last_at)));
  if (proven.restored != 0)
    context.out.line(
        fmt::format("  their numbers jump {} times, as they do when a ledger is restored", proven.restored));
  if (earlier)
    context.out.line(fmt::format("proven: its first {} events are those of the earlier file, and {} follow them",
                                 earlier->events.size, proven.events.size - earlier->events.size));
  context.out.line(kNotTrue);
  context.out.line(kNotOtherReaders);
}

void print_proven(const Context& context, const Proven& proven) {
  if (context.json()) {
    JsonWriter json;
    json.begin_object();
    std::visit(ProvenJson{json}, proven);
    context.out.line(json.end_object().take());
    return;
  }
  std::visit(ProvenText{context.out}, proven);
  context.out.line(kNotOtherReaders);
}

}  // namespace runledger
