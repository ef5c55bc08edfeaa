// Builds and parses the keys: k level type grain start.
#include "projections/rows/rollup_index.h"

#include <algorithm>

#include "ledger/base/big_endian.h"

namespace runledger::row_index {
namespace {

constexpr char kLetters[] = {'m', 'h', 'd'};
constexpr std::size_t kTailBytes = 1 + sizeof(std::uint64_t);

// Removes the first name of `text` and returns it; absent when it does not end.
std::optional<std::string_view> take_name(std::string_view& text) {
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end + 1);
  return name;
}

// Removes the level of `text` and sets its names.
bool take_level(std::string_view& text, RollupKey& key) {
  if (text.empty()) return false;
  const char letter = text.front();
  text.remove_prefix(1);
  if (letter == 'x') return true;
  const std::optional<std::string_view> workspace = take_name(text);
  if (!workspace || (letter != 'w' && letter != 't')) return false;
  key.workspace = *workspace;
  if (letter == 'w') return true;
  const std::optional<std::string_view> tenant = take_name(text);
  if (tenant) key.tenant = *tenant;
  return tenant.has_value();
}

}  // namespace

Duration length_of(Grain grain) {
  switch (grain) {
    case Grain::kMinute:
      return std::chrono::minutes(1);
    case Grain::kHour:
      return std::chrono::hours(1);
    case Grain::kDay:
      break;
  }
  return std::chrono::hours(24);
}

Time start_of(Grain grain, Time time) {
  return Time{time.unix_us - time.unix_us % length_of(grain).count()};
}

Time kept_from(Grain grain, Time head) {
  if (grain == Grain::kDay) return Time{};
  const Time day = start_of(Grain::kDay, head);
  const Duration kept = grain == Grain::kMinute ? kMinutesKept : kHoursKept;
  return Time{std::max<std::int64_t>(0, day.unix_us - kept.count())};
}

std::string rollup_level(const std::string& level) {
  return std::string(kRollupPrefix) + level;
}

std::string rollup_group(const std::string& level, const RunType& type) {
  std::string group = rollup_level(level);
  group += type.str();
  group.push_back('\0');
  return group;
}

std::string rollup_tenants(const std::optional<Workspace>& workspace) {
  std::string prefix = std::string(kRollupPrefix) + 't';
  if (workspace) {
    prefix += workspace->str();
    prefix.push_back('\0');
  }
  return prefix;
}

std::string rollup_key(const std::string& group, Grain grain, Time start) {
  std::string key = group;
  key.push_back(kLetters[static_cast<std::size_t>(grain)]);
  append_big_endian(key, static_cast<std::uint64_t>(start.unix_us));
  return key;
}

std::optional<RollupKey> parse_rollup_key(std::string_view key) {
  if (!key.starts_with(kRollupPrefix) || key.size() < kRollupPrefix.size() + kTailBytes) return std::nullopt;
  RollupKey parsed{.group = key.substr(0, key.size() - kTailBytes)};
  std::string_view left = parsed.group.substr(kRollupPrefix.size());
  if (!take_level(left, parsed)) return std::nullopt;
  const std::optional<std::string_view> type = take_name(left);
  const std::string_view tail = key.substr(key.size() - kTailBytes);
  const auto* const letter = std::find(std::begin(kLetters), std::end(kLetters), tail.front());
  if (!type || !left.empty() || letter == std::end(kLetters)) return std::nullopt;
  parsed.type = *type;
  parsed.grain = static_cast<Grain>(letter - std::begin(kLetters));
  parsed.start = Time{static_cast<std::int64_t>(load_big_endian_64(tail.data() + 1))};
  return parsed;
}

Rollup& RollupDeltas::of(const OperationRun::Row& row, Time recorded_at) {
  return minutes_[{row.scope, row.type, start_of(Grain::kMinute, recorded_at)}];
}

void RollupDeltas::visit(Time head, const std::function<void(std::string, const Rollup&)>& add) const {
  for (const auto& [of, delta] : minutes_) {
    const auto& [scope, type, minute] = of;
    for (const std::string& level : levels_of(scope)) {
      const std::string group = rollup_group(level, type);
      for (const Grain grain : kGrains) {
        const Time start = start_of(grain, minute);
        if (start >= kept_from(grain, head)) add(rollup_key(group, grain, start), delta);
      }
    }
  }
}

}  // namespace runledger::row_index
