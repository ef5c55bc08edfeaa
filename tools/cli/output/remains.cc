// One line for each damage, tree and file.
#include "tools/cli/output/remains.h"

#include <fmt/format.h>

#include "ledger/secrets/sanitized_text.h"
#include "ledger/values/base64.h"
#include "tools/cli/output/table.h"

namespace runledger {
namespace {

void write_damage(JsonWriter& json, std::string_view member, const std::vector<LedgerDamage>& damage) {
  json.key(member).begin_array();
  for (const LedgerDamage& each : damage) {
    json.begin_object().member("code", each.code);
    json.member("sequence", each.sequence ? std::optional(each.sequence->value) : std::nullopt);
    json.member("detail", sanitize(each.what).str()).end_object();
  }
  json.end_array();
}

std::optional<std::string> id_of(const DamagedLedger& found) {
  return found.ledger_id ? std::optional(format_uuid(found.ledger_id->value)) : std::nullopt;
}

void print_damage(const std::vector<LedgerDamage>& damage, Output& out) {
  for (const LedgerDamage& each : damage) {
    const std::string where = each.sequence ? fmt::format(" event {}", each.sequence->value) : std::string();
    out.line(fmt::format("{}{}: {}", coloured(out, Colour::kRed, each.code), where, sanitize(each.what).str()));
  }
}

std::string relation_text(TreeRelation relation) {
  switch (relation) {
    case TreeRelation::kAgrees:
      return "the good events agree with it";
    case TreeRelation::kAbove:
      return "it has more events than are good";
    case TreeRelation::kOtherHistory:
      return "it is of other events";
  }
  return {};
}

// The names, each after a comma.
std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "none" : list;
}

void print_files(const DamagedLedger& found, Output& out) {
  std::vector<std::string> there;
  std::vector<std::string> absent;
  for (const FoundFile& file : found.files) {
    const std::string trouble = file.trouble.empty() ? std::string() : fmt::format(" ({})", file.trouble);
    (file.is_there ? there : absent).push_back(file.name + trouble);
  }
  out.line(fmt::format("files: {}; absent: {}", list_of(there), list_of(absent)));
  out.line("derived from the log, and made again where they are absent: " + list_of(found.derived));
}

}  // namespace

void write_remains(JsonWriter& json, const DamagedLedger& found) {
  json.member("data", found.directory.string()).member("ledger_id", id_of(found));
  json.member("whole", found.is_whole()).member("last_good", found.last_good.value);
  json.member("root", format_base64(bytes_of(found.root))).member("agreed", found.agreed.value);
  json.member("named", found.named.value).member("given_up", found.given_up);
  write_damage(json, "damage", found.damage);
  write_damage(json, "besides", found.besides);
  json.key("marks").begin_array();
  for (const ComparedTree& each : found.trees) {
    json.begin_object().member("place", sanitize(each.known.place).str()).member("events", each.known.tree.size);
    json.member("outside", each.known.is_outside).member("relation", to_string(each.relation)).end_object();
  }
  json.end_array().key("files").begin_array();
  for (const FoundFile& file : found.files) {
    json.begin_object().member("file", file.name).member("there", file.is_there);
    json.member("code", file.trouble.empty() ? std::nullopt : std::optional(file.trouble)).end_object();
  }
  json.end_array().key("derived").begin_array();
  for (const std::string& derived : found.derived) json.text(derived);
  json.end_array();
}

void print_remains(const DamagedLedger& found, Output& out) {
  print_damage(found.damage, out);
  print_damage(found.besides, out);
  const bool is_sound = found.is_whole() && found.besides.empty();
  out.line(fmt::format("{}: ledger {} in {}, {} good events of {} that are known, {} more can be read",
                       coloured(out, is_sound ? Colour::kGreen : Colour::kRed, is_sound ? "whole" : "DAMAGED"),
                       id_of(found).value_or("of an unknown id"), found.directory.string(), found.last_good.value,
                       found.named.value, found.given_up));
  out.line(fmt::format("the last good event is {}, the root of the good ones {}; a known root agrees up to event {}",
                       found.last_good.value, format_base64(bytes_of(found.root)), found.agreed.value));
  for (const ComparedTree& each : found.trees)
    out.line(fmt::format("{}: {} events; {}", sanitize(each.known.place).str(), each.known.tree.size,
                         relation_text(each.relation)));
  print_files(found, out);
}

}  // namespace runledger
