// The stored form of a policy, which events and states share.
#include "ledger/log/wire.h"

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

}  // namespace runledger::stored
