// Writes the members in the order in which they are documented.
#include "ledger/exchange/reply_json.h"

#include <algorithm>
#include <chrono>

namespace runledger {
namespace {

// A reply uses zero for a position that does not exist; JSON uses null.
template <class Position>
std::optional<decltype(Position::value)> unless_zero(Position position) {
  return position.value == 0 ? std::nullopt : std::optional(position.value);
}

// Absent when the answer names no event.
std::optional<std::string> position_of(const Reply& reply) {
  if (reply.position || reply.sequence.value == 0) return reply.position;
  return std::to_string(reply.sequence.value);
}

}  // namespace

std::string reply_to_json(const Reply& reply) {
  JsonWriter out;
  out.begin_object();
  write_members(out, reply);
  out.end_object();
  return out.take();
}

void write_members(JsonWriter& out, const Reply& reply) {
  write_members(out, reply, to_string(reply.verdict));
}

void write_members(JsonWriter& out, const Reply& reply, std::string_view decision) {
  out.member("decision", decision);
  out.member("rule", reply.rule);
  out.member("run_id", format_uuid(reply.run.value));
  out.member("attempt", unless_zero(reply.attempt));
  out.member("token", unless_zero(reply.token));
  out.member("retry_after", whole_seconds(reply.retry_after));
  out.member("sequence", unless_zero(reply.sequence));
  out.member("run_version", unless_zero(reply.run_version));
  out.member("position", position_of(reply));
  out.member("status", to_string(reply.status));
  out.member("outcome", to_string(reply.outcome));
  out.member("repeated", reply.repeated);
  if (reply.lease) out.member("lease_seconds", in_seconds(*reply.lease));
  if (reply.warnings.empty()) return;
  out.key("warnings").begin_array();
  for (const Warning& warning : reply.warnings) {
    out.begin_object().member("code", warning.code).member("path", warning.path).end_object();
  }
  out.end_array();
}

std::int64_t whole_seconds(Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(std::max(duration, Duration::zero())).count();
}

std::optional<std::int64_t> whole_seconds(const std::optional<Duration>& duration) {
  return duration ? std::optional(whole_seconds(*duration)) : std::nullopt;
}

}  // namespace runledger
