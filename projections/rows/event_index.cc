// Builds the keys of event entries: d level rule position.
#include "projections/rows/event_index.h"

namespace runledger::row_index {
namespace {

std::string prefix_of(const std::string& level, DedupeRule rule) {
  return std::string(kEventEntryPrefix) + level + static_cast<char>('0' + static_cast<int>(rule));
}

}  // namespace

std::vector<std::string> event_entries(const Envelope& envelope) {
  std::vector<std::string> entries;
  const auto* deduped = std::get_if<Deduped>(&envelope.event);
  if (deduped == nullptr) return entries;
  for (const std::string& level : levels_of(envelope.scope))
    entries.push_back(seek_key(prefix_of(level, deduped->rule), envelope.sequence.next()));
  return entries;
}

RowUnion deduped_events(const DedupedOf& of) {
  RowUnion prefixes;
  const std::string level = level_of(of.workspace, of.tenant);
  for (const auto& [rule, word] : kEnumWords<DedupeRule>) {
    if (of.rule.admits(rule)) prefixes.push_back(prefix_of(level, rule));
  }
  return prefixes;
}

}  // namespace runledger::row_index
