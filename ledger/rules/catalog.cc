// Reads a catalog: strict about what it does not know, because a misspelt limit is a limit that does not hold.
#include "ledger/rules/catalog.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "ledger/rules/event.h"
#include "ledger/values/json.h"

namespace runledger {

namespace {

using nlohmann::json;

constexpr JsonLimits kCatalogLimits{.bytes_max = 1024 * 1024, .depth_max = 8, .keys_max = 65536};
constexpr std::int64_t kSecondsMax = 10LL * 366 * 86'400;  // Ten years.
constexpr std::size_t kFieldNameMax = 128;

Rejection malformed(std::string_view detail) {
  return reject("catalog.malformed", fmt::format("catalog: {}", detail));
}

// Reads the members of one entry. The first one that is wrong stops it.
class EntryReader {
 public:
  Result<CatalogEntry> read(const json& value) {
    if (!value.is_object()) return malformed("expected every type to be an object");
    if (const auto type = value.find("type"); type == value.end() || !type->is_string())
      return malformed("expected every type to have a \"type\" of text");
    for (const auto& [name, member] : value.items()) {
      field_ = name;
      if (auto rejection = read_member(name, member)) return *std::move(rejection);
    }
    // An initial delay above the default limit raises the limit, unless the catalog sets both.
    if (!value.contains("backoff_max_seconds"))
      entry_.policy.backoff.max = std::max(entry_.policy.backoff.max, entry_.policy.backoff.initial);
    return std::move(entry_);
  }

 private:
  using Problem = std::optional<Rejection>;

  Problem read_member(std::string_view name, const json& value) {
    Policy& policy = entry_.policy;
    if (name == "type") return read_name(parse_run_type, value, entry_.type);
    if (name == "label") return read_label(value);
    if (name == "scope") return read_scope(value);
    if (name == "max_attempts") return read_max_attempts(value);
    if (name == "backoff_seconds") return read_seconds(value, 0, policy.backoff.initial);
    if (name == "backoff_max_seconds") return read_seconds(value, 0, policy.backoff.max);
    if (name == "lease_seconds") return read_seconds(value, 1, policy.lease);
    if (name == "cooldown_seconds") return read_seconds(value, 0, policy.cooldown.length);
    if (name == "cooldown_from") return read_cooldown_from(value);
    if (name == "cooldown_after") return read_cooldown_after(value);
    if (name == "identity_fields") return read_identity_fields(value);
    if (name == "summary_keys") return read_summary_keys(value);
    if (name == "outcomes") return read_outcomes(value);
    return malformed(fmt::format("no field is called \"{}\"", name));
  }

  Problem expected(std::string_view what) const { return malformed(fmt::format("expected {} to be {}", field_, what)); }

  template <class NameType>
  static Problem read_name(Result<NameType> (*parse)(std::string_view), const json& value, NameType& out) {
    Result<NameType> name = parse(value.get_ref<const std::string&>());
    if (!name) return name.rejection();
    out = *std::move(name);
    return std::nullopt;
  }

  Problem read_label(const json& value) {
    if (!value.is_string()) return expected("text");
    entry_.label = sanitize(value.get_ref<const std::string&>()).str();
    return std::nullopt;
  }

  Problem read_scope(const json& value) {
    if (value == "any")
      entry_.scope = TypeScope::kAny;
    else if (value == "tenant")
      entry_.scope = TypeScope::kTenant;
    else if (value == "workspace")
      entry_.scope = TypeScope::kWorkspace;
    else
      return expected("\"any\", \"tenant\" or \"workspace\"");
    return std::nullopt;
  }

  Problem read_max_attempts(const json& value) {
    if (!value.is_number_integer() || value < 1 || value > Policy::kAttemptsMax)
      return expected(fmt::format("a whole number from 1 to {}", Policy::kAttemptsMax));
    entry_.policy.max_attempts = value.get<std::uint32_t>();
    return std::nullopt;
  }

  // Seconds with fractions down to the microsecond; `min_us` is the least that is allowed.
  Problem read_seconds(const json& value, std::int64_t min_us, Duration& out) {
    const double seconds = value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
    const double us = seconds * static_cast<double>(kMicrosecondsPerSecond);
    if (!(us >= static_cast<double>(min_us)) || !(seconds <= static_cast<double>(kSecondsMax)))
      return expected(fmt::format("seconds, at least {} and at most ten years", min_us == 0 ? "0" : "0.000001"));
    out = Duration{std::llround(us)};
    return std::nullopt;
  }

  Problem read_cooldown_from(const json& value) {
    if (value == "completion")
      entry_.policy.cooldown.from = CooldownFrom::kCompletion;
    else if (value == "request")
      entry_.policy.cooldown.from = CooldownFrom::kRequest;
    else
      return expected("\"completion\" or \"request\"");
    return std::nullopt;
  }

  // Calls `take` with each text of an array until it finds a problem.
  template <class Take>
  Problem read_texts(const json& value, Take take) {
    if (!value.is_array()) return expected("an array of texts");
    for (const json& element : value) {
      if (!element.is_string()) return expected("an array of texts");
      if (Problem problem = take(element)) return problem;
    }
    return std::nullopt;
  }

  Problem read_cooldown_after(const json& value) {
    OutcomeSet outcomes;
    Problem problem = read_texts(value, [&](const json& text) -> Problem {
      const auto outcome = parse_run_outcome(text.get_ref<const std::string&>());
      if (!outcome || *outcome == RunOutcome::kPending) return expected("outcomes of completed runs");
      outcomes.insert(*outcome);
      return std::nullopt;
    });
    entry_.policy.cooldown.after = outcomes;
    return problem;
  }

  Problem read_identity_fields(const json& value) {
    return read_texts(value, [&](const json& text) -> Problem {
      const auto& name = text.get_ref<const std::string&>();
      if (name.empty() || name.size() > kFieldNameMax) return expected("names of 1 to 128 bytes");
      entry_.identity_fields.push_back(name);
      return std::nullopt;
    });
  }

  Problem read_summary_keys(const json& value) {
    return read_texts(value, [&](const json& text) -> Problem {
      return read_name(parse_count_key, text, entry_.summary_keys.emplace_back());
    });
  }

  Problem read_outcomes(const json& value) {
    return read_texts(value, [&](const json& text) -> Problem {
      const auto outcome = parse_run_outcome(text.get_ref<const std::string&>());
      if (!outcome || *outcome == RunOutcome::kPending) return expected("outcomes of completed runs");
      entry_.outcomes.emplace_back(to_string(*outcome));
      return std::nullopt;
    });
  }

  CatalogEntry entry_;
  std::string_view field_;
};

}  // namespace

Result<Catalog> Catalog::parse(std::string_view json_text, const Policy& unlisted) {
  const Result<json> document = parse_json(json_text, kCatalogLimits);
  if (!document) return document.rejection();
  const auto types = document->find("types");  // The end of anything but an object with this member.
  if (types == document->end() || document->size() != 1 || !types->is_array())
    return malformed("expected {\"types\":[…]}");
  Catalog catalog;
  catalog.unlisted_.policy = unlisted;
  for (const json& value : *types) {
    Result<CatalogEntry> entry = EntryReader().read(value);
    if (!entry) return entry.rejection();
    const RunType type = entry->type;
    if (!catalog.entries_.emplace(type, *std::move(entry)).second)
      return reject("catalog.duplicate_type", fmt::format("catalog: the type {} appears twice", type.str()));
  }
  return catalog;
}

void Catalog::overlay(const Catalog& more) {
  for (const auto& [type, entry] : more.entries_) entries_.insert_or_assign(type, entry);
}

const CatalogEntry& Catalog::entry(const RunType& type) const {
  const auto listed = entries_.find(type);
  return listed == entries_.end() ? unlisted_ : listed->second;
}

}  // namespace runledger
