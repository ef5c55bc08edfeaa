// Reads what live requests and lines of a journal have in common.
#include "ledger/exchange/request_json.h"

#include "ledger/values/json_writer.h"

namespace runledger {

std::string labels_to_json(const Labels& labels) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [key, value] : labels) json.member(key.str(), value);
  json.end_object();
  return json.take();
}

void read_optional_members(const JsonObject& in, RunRequest& request) {
  if (const auto labels = in.find_object("labels")) {
    for (const auto& [key, value] : labels->members()) add_label(request.labels, key, labels->text(key));
  }
  if (const auto* text = in.find_text("traceparent")) request.traceparent = *text;
  if (const auto policy = in.find_object("policy")) {
    policy->only(
        {"max_attempts", "lease_seconds", "backoff_seconds", "cooldown_seconds", "cooldown_from", "cooldown_after"});
    request.policy = read_policy_changes(*policy);
  }
}

}  // namespace runledger
