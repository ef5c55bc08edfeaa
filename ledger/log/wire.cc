// The stored forms of values that events share with states or rows.
#include "ledger/log/wire.h"

#include <algorithm>

namespace runledger::stored {

// The set of all outcomes, as bits; a stored set must not have others.
constexpr unsigned kAllOutcomes = (2U << static_cast<unsigned>(RunOutcome::kCancelled)) - 1;

static_assert(enum_to_wire<wire::CooldownFrom>(CooldownFrom::kRequest) == wire::CooldownFrom::REQUEST);

void write_policy(wire::Policy::Builder out, const Policy& policy) {
  out.setLease(policy.lease.count());
  out.setBackoffInitial(policy.backoff.initial.count());
  out.setBackoffMax(policy.backoff.max.count());
  out.setCooldownLength(policy.cooldown.length.count());
  out.setMaxAttempts(policy.max_attempts);
  out.setCooldownAfter(policy.cooldown.after.bits);
  out.setCooldownFrom(enum_to_wire<wire::CooldownFrom>(policy.cooldown.from));
}

Policy read_policy(wire::Policy::Reader in) {
  Policy policy;
  policy.lease = Duration{in.getLease()};
  policy.backoff = {Duration{in.getBackoffInitial()}, Duration{in.getBackoffMax()}};
  policy.cooldown.length = Duration{in.getCooldownLength()};
  policy.cooldown.from = enum_from_wire(in.getCooldownFrom(), CooldownFrom::kRequest);
  policy.cooldown.after.bits = in.getCooldownAfter();
  if (policy.cooldown.after.bits > kAllOutcomes) throw_damaged("a policy has outcomes that no version has used");
  policy.max_attempts = in.getMaxAttempts();
  return policy;
}

void write_labels(capnp::List<wire::Label>::Builder out, const Labels& labels) {
  unsigned i = 0;
  for (const auto& [key, value] : labels) {
    out[i].setKey(to_text(key.str()));
    out[i].setValue(to_text(value.str()));
    ++i;
  }
}

Labels read_labels(capnp::List<wire::Label>::Reader in, FromLog from_log) {
  if (in.size() > kLabelsMax) throw_damaged("an event has more labels than an event may have");
  Labels labels;
  for (const auto label : in) {
    labels.emplace_hint(labels.end(), LabelKey(to_string(label.getKey()), from_log),
                        SanitizedText(to_string(label.getValue()), from_log));
  }
  if (labels.size() != in.size()) throw_damaged("an event has two labels of the same key");
  return labels;
}

void write_counts(capnp::List<wire::Count>::Builder out, const Counts& counts) {
  unsigned i = 0;
  for (const auto& [key, value] : counts) {
    out[i].setKey(to_text(key.str()));
    out[i].setValue(value);
    ++i;
  }
}

Counts read_counts(capnp::List<wire::Count>::Reader in, FromLog from_log) {
  if (in.size() > kCountKeysMax) throw_damaged("an event has more counts than an event may have");
  Counts counts;
  for (const auto count : in) {
    // They are stored in the order of their keys, so each belongs at the end of the map.
    counts.emplace_hint(counts.end(), CountKey(to_string(count.getKey()), from_log), count.getValue());
  }
  if (counts.size() != in.size()) throw_damaged("an event has two counts of the same key");
  return counts;
}

Traceparent read_traceparent(capnp::Data::Reader in) {
  Traceparent value;
  if (in.size() != value.bytes.size()) throw_damaged("an event has a traceparent of another length");
  std::copy(in.begin(), in.end(), value.bytes.begin());
  return value;
}

}  // namespace runledger::stored
