// Member by member, in the order of the documentation.
#include "ledger/exchange/reply_json.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace runledger {

nlohmann::ordered_json reply_to_json(const Reply& reply) {
  nlohmann::ordered_json json;
  json["decision"] = to_string(reply.verdict);
  json["rule"] = reply.rule ? nlohmann::ordered_json(to_string(*reply.rule)) : nullptr;
  json["run_id"] = format_uuid(reply.run.value);
  const bool attempt_meant = reply.attempt.value != 0;
  json["attempt"] = attempt_meant ? nlohmann::ordered_json(reply.attempt.value) : nullptr;
  json["token"] = reply.token.value != 0 ? nlohmann::ordered_json(reply.token.value) : nullptr;
  json["retry_after"] = reply.retry_after ? nlohmann::ordered_json(whole_seconds(*reply.retry_after)) : nullptr;
  json["sequence"] = reply.sequence.value != 0 ? nlohmann::ordered_json(reply.sequence.value) : nullptr;
  json["status"] = to_string(reply.status);
  json["outcome"] = to_string(reply.outcome);
  json["repeated"] = reply.repeated;
  return json;
}

std::int64_t whole_seconds(Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(std::max(duration, Duration::zero())).count();
}

}  // namespace runledger
