// Checks the typed values, and reads the files that they name.
#include "tools/cli/options/arguments.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "ledger/base/ascii.h"
#include "ledger/rules/report.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/options/typed_time.h"
#include "tools/cli/process/input_file.h"

namespace runledger {

std::optional<std::uint64_t> require_number(const Typed& typed, std::string_view field, NumberRange range) {
  if (!typed) return std::nullopt;
  return need(parse_number(*typed, field, range));
}

RunId require_run_id(std::string_view text) {
  return RunId{need(parse_uuid(text, "run"))};
}

void require_reached(Sequence from, Sequence last) {
  if (from <= last.next()) return;
  const Rejection ahead = position_ahead(from.value, last.value);
  throw RefusedWith(ahead, exit_status(ahead));
}

SequenceRange require_range(const Typed& from, const Typed& to, Sequence last) {
  SequenceRange range{.from = Sequence{1}, .to = last};
  if (from) range.from.value = std::max<std::uint64_t>(1, need(parse_number(*from, "from", {})));
  const std::uint64_t asked_to = to ? need(parse_number(*to, "to", {})) : last.value;
  if (from && to && range.from.value > asked_to)
    refuse("range.invalid", fmt::format("expected --from at or before --to, found {} after {}", *from, *to));
  require_reached(range.from, last);
  range.to.value = std::min(asked_to, last.value);
  return range;
}

AsOf require_as_of(const std::string& typed) {
  if (!only_digits(typed)) return require_time(typed);
  return Sequence{need(parse_number(typed, "as_of", {}))};
}

std::string require_file(const std::string& path, std::string_view field, std::size_t bytes_max) {
  const Descriptor file = open_to_read(path);
  std::string content;
  char buffer[16 * 1024];  // Read in pieces, because a pipe does not tell its size and a device may never end.
  for (;;) {
    const ssize_t count = file.is_open() ? ::read(file.get(), buffer, sizeof(buffer)) : -1;
    if (count == 0) return content;
    if (count < 0 && file.is_open() && errno == EINTR) continue;
    if (count < 0)
      refuse(fmt::format("{}.unreadable", field), fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    content.append(buffer, static_cast<std::size_t>(count));
    if (content.size() > bytes_max)
      refuse(fmt::format("{}.too_large", field),
             fmt::format("{}: expected at most {} bytes, found more", path, bytes_max));
  }
}

RunInput require_input(const Typed& typed) {
  if (!typed) return {};
  if (!typed->starts_with('@')) return need(RunInput::parse(*typed));
  // White space may make the text longer than its canonical form, which has the real limit, but not without end.
  return need(RunInput::parse(require_file(typed->substr(1), "input", 4 * RunInput::kBytesMax)));
}

std::optional<Duration> find_seconds(const Typed& typed, std::uint64_t min) {
  constexpr auto kMax = std::chrono::duration_cast<std::chrono::seconds>(kPolicySecondsMax).count();
  const auto seconds = require_number(typed, "policy", {.min = min, .max = static_cast<std::uint64_t>(kMax)});
  return seconds ? std::optional<Duration>(std::chrono::seconds(*seconds)) : std::nullopt;
}

namespace {

template <class Report>
void take_each(const std::vector<std::string>& typed, Report& report) {
  for (const std::string& pair : typed) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view number = std::string_view(pair).substr(std::min(equals + 1, pair.size()));
    const Result<std::uint64_t> count = parse_number(number, "counts", {});
    take_count(report, std::string_view(pair).substr(0, equals), count ? std::optional(*count) : std::nullopt);
  }
}

}  // namespace

void take_counts(const std::vector<std::string>& typed, FinishAttempt& report) {
  take_each(typed, report);
}

void take_progress(const std::vector<std::string>& typed, Heartbeat& heartbeat) {
  if (typed.empty()) return;
  heartbeat.progress.emplace();
  take_each(typed, heartbeat);
}

void take_failures(const std::vector<std::string>& typed, FinishAttempt& report) {
  for (std::size_t i = 0; i < typed.size(); ++i) {
    // Only the first colon separates, because a message may have colons and a code may not.
    const std::string_view text = typed[i];
    const std::size_t colon = std::min(text.find(':'), text.size());
    take_failure(report, i, text.substr(0, colon), text.substr(std::min(colon + 1, text.size())));
  }
}

void TypedRequest::declare(Options& options) {
  options.required_value("--workspace", "W", "The workspace it is for", workspace);
  options.value("--tenant", "T", "The tenant of the workspace; none for housekeeping of the workspace itself", tenant);
  options.required_value("--type", "TYPE", "What kind of operation (see `runledger types`)", type);
  options.value("--input", "JSON|@FILE",
                "The operation's input, a JSON object; @FILE reads it from a file, @- from "
                "standard input",
                input);
  options.value("--run", "UUID", "Means exactly this run", run);
}

RunRequest TypedRequest::require_request() const {
  RunRequest request;
  request.workspace = need(parse_workspace(workspace));
  if (tenant) request.tenant = need(parse_tenant(*tenant));
  request.type = need(parse_run_type(type));
  if (run) request.run = require_run_id(*run);
  request.input = require_input(input);
  return request;
}

void TypedGroup::declare(Options& options) {
  options.value("--workspace", "W", "Only runs of this workspace", workspace);
  options.value("--tenant", "T", "Only runs of this tenant", tenant);
  options.values("--type", "TYPE", "Only runs of this type, or of one of several", types);
}

RunFilter TypedGroup::require_filter() const {
  RunFilter filter;
  if (workspace) filter.workspace = need(parse_workspace(*workspace));
  if (tenant) filter.tenant = need(parse_tenant(*tenant));
  for (const std::string& type : types) filter.type.insert(need(parse_run_type(type)));
  return filter;
}

void TypedAttempt::declare(Options& options) {
  options.argument("RUN", kRunHelp, run);
  options.required_number("--attempt", "N", "The attempt's number, as start gave it", attempt);
  options.required_number("--token", "TOKEN", "The attempt's token, as start gave it", token);
}

AttemptRef TypedAttempt::require_ref() const {
  const std::uint64_t number = need(parse_number(attempt, "attempt", {.min = 1, .max = UINT32_MAX}));
  return {AttemptNumber{static_cast<std::uint32_t>(number)},
          ScopeSequence{need(parse_number(token, "token", {.min = 1}))}};
}

}  // namespace runledger
