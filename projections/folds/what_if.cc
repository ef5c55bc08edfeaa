// Evolves the states of runs and identities as the sequencer does, once with the policies that the runs had, and once
// with other cooldowns and without the runs that would not have been made.
//
// For each identity there is a History with two sides, each an IdentityState that evolve() of the rules keeps. The
// other side leaves out runs, and has at most one that only it has: `made_up`. While that run is active, no other live
// one can be made, so it never meets a live run of both sides. It ends as long after its request as the run that it is
// modelled on, and so not before that one has ended.
#include "projections/folds/what_if.h"

#include <iterator>
#include <unordered_map>
#include <utility>

#include "ledger/rules/run.h"

namespace runledger {
namespace {

constexpr std::uint64_t kForgottenEvery = 65'536;  // Events from one look for identities that no longer matter.

struct MadeUp {
  Time requested_at;
  RunId like;
  std::optional<RunState> course;  // Of that run once it is completed, with the cooldown of the other side.
};

struct History {
  IdentityState real;
  IdentityState other;
  std::optional<MadeUp> made_up;
};

struct Known {
  RunState state;
  Cooldown real;
  Cooldown other;
  bool is_left_out = false;  // The other side does not have it.
};

template <class T>
const T& changed_part(const T& own, const T& in_force, const T& other) {
  return own == in_force ? other : own;
}

Cooldown under_other(const Cooldown& own, const Cooldown& in_force, const Cooldown& other) {
  return {.length = changed_part(own.length, in_force.length, other.length),
          .from = changed_part(own.from, in_force.from, other.from),
          .after = changed_part(own.after, in_force.after, other.after)};
}

// Ends the run that was made up, if it has ended by `now`.
void settle(History& history, Time now) {
  if (!history.made_up || !history.made_up->course) return;
  const RunState& like = *history.made_up->course;
  const Cooldown& cooldown = like.policy.cooldown;
  const Time requested_at = history.made_up->requested_at;
  const Time completed_at = requested_at + (like.completed_at - like.requested_at);
  if (completed_at > now) return;
  history.made_up.reset();
  if (cooldown.length.count() > 0 && cooldown.after.contains(like.outcome))
    history.other.cooldown_until =
        (cooldown.from == CooldownFrom::kCompletion ? completed_at : requested_at) + cooldown.length;
}

enum class Force { kNo, kYes };

std::optional<DedupeRule> answer(const History& history, Time now, Force force) {
  if (history.made_up || history.other.active) return DedupeRule::kActiveRun;
  const std::optional<Time>& until = history.other.cooldown_until;
  if (force == Force::kNo && until && now < *until) return DedupeRule::kCooldown;
  return std::nullopt;
}

bool is_over(const IdentityState& side, Time now) {
  return !side.active && !side.imported_active && (!side.cooldown_until || *side.cooldown_until <= now);
}

}  // namespace

struct WhatIf::Impl {
  Impl(const Catalog& the_one_in_force, const Catalog& the_other) : in_force(the_one_in_force), other(the_other) {}

  const Catalog& in_force;
  const Catalog& other;
  std::unordered_map<Identity, History> histories;
  std::unordered_map<RunId, Known> runs;  // The active ones, and the last one of each history.
  std::map<RunType, WhatIfCounts> counts;
  std::uint64_t unreadable = 0;
  std::uint64_t taken = 0;
  bool is_counted = true;  // The event that is being taken.

  std::optional<OtherAnswer> request(const Envelope& envelope, const Requested& event);
  std::optional<OtherAnswer> dedupe(const Envelope& envelope, const Deduped& event);
  void apply(Known& known, const Envelope& envelope);
  void drop_completed(RunId run, const History& history);
  void forget(Time now);

  std::optional<OtherAnswer> judge(const Envelope& envelope, const RunType& type, std::optional<DedupeRule> was,
                                   std::optional<DedupeRule> would_be) {
    if (is_counted) {
      WhatIfCounts& of_type = counts[type];
      ++of_type.requests;
      of_type.deduped += was ? 1 : 0;
      of_type.would_deduped += would_be ? 1 : 0;
    }
    if (was.has_value() == would_be.has_value()) return std::nullopt;
    return OtherAnswer{.sequence = envelope.sequence,
                       .recorded_at = envelope.recorded_at,
                       .run = envelope.run,
                       .scope = envelope.scope,
                       .type = type,
                       .was = was,
                       .would_be = would_be};
  }
};

std::optional<OtherAnswer> WhatIf::Impl::request(const Envelope& envelope, const Requested& event) {
  History& history = histories[event.identity];
  const Time now = envelope.decided_at();
  settle(history, now);
  const bool is_judged = envelope.origin == Origin::kLive;
  const auto would_be = is_judged ? answer(history, now, event.forced ? Force::kYes : Force::kNo) : std::nullopt;
  const std::optional<RunId> before = history.real.last;
  Known& known = runs[envelope.run];
  known.real = event.policy.cooldown;
  known.other = under_other(event.policy.cooldown, in_force.entry(event.type).policy.cooldown,
                            other.entry(event.type).policy.cooldown);
  known.is_left_out = would_be.has_value();
  apply(known, envelope);
  if (before) drop_completed(*before, history);
  return is_judged ? judge(envelope, event.type, std::nullopt, would_be) : std::nullopt;
}

std::optional<OtherAnswer> WhatIf::Impl::dedupe(const Envelope& envelope, const Deduped& event) {
  const bool is_judged =
      envelope.origin == Origin::kLive && (event.rule == DedupeRule::kActiveRun || event.rule == DedupeRule::kCooldown);
  const auto found = runs.find(envelope.run);
  if (!is_judged || found == runs.end()) return std::nullopt;
  const Known& known = found->second;
  History& history = histories[known.state.identity];
  const Time now = envelope.decided_at();
  settle(history, now);
  const std::optional<DedupeRule> would_be = answer(history, now, Force::kNo);
  if (!would_be) {
    history.made_up = MadeUp{.requested_at = now, .like = envelope.run, .course = {}};
    if (!known.state.active()) history.made_up->course = known.state;
    history.other.cooldown_until.reset();
  }
  return judge(envelope, known.state.type, event.rule, would_be);
}

void WhatIf::Impl::apply(Known& known, const Envelope& envelope) {
  evolve(known.state, envelope);
  History& history = histories[known.state.identity];
  known.state.policy.cooldown = known.real;
  evolve(history.real, known.state, envelope);
  known.state.policy.cooldown = known.other;
  if (!known.is_left_out) evolve(history.other, known.state, envelope);
  if (known.state.active()) return;
  known.state.attempts.clear();
  if (history.made_up && history.made_up->like == envelope.run) history.made_up->course = known.state;
  drop_completed(envelope.run, history);
}

// The last run of an identity is kept, because requests in its cooldown are answered with it.
void WhatIf::Impl::drop_completed(RunId run, const History& history) {
  const auto found = runs.find(run);
  if (found != runs.end() && !found->second.state.active() && history.real.last != run) runs.erase(found);
}

// Live requests are decided by the ledger's time, which never goes back.
void WhatIf::Impl::forget(Time now) {
  for (auto entry = histories.begin(); entry != histories.end();) {
    History& history = entry->second;
    settle(history, now);
    const bool is_over_here = !history.made_up && is_over(history.real, now) && is_over(history.other, now);
    if (is_over_here && history.real.last) runs.erase(*history.real.last);
    entry = is_over_here ? histories.erase(entry) : std::next(entry);
  }
}

WhatIf::WhatIf(const Catalog& in_force, const Catalog& other) : impl_(std::make_unique<Impl>(in_force, other)) {}
WhatIf::~WhatIf() = default;

std::optional<OtherAnswer> WhatIf::take(const Envelope& envelope, Count count) {
  Impl& impl = *impl_;
  impl.is_counted = count == Count::kYes;
  if (is_of_ledger(envelope.event)) return std::nullopt;
  if (++impl.taken % kForgottenEvery == 0) impl.forget(envelope.recorded_at);
  if (const auto* requested = std::get_if<Requested>(&envelope.event)) {
    if (envelope.sealed.is_readable) return impl.request(envelope, *requested);
    if (impl.is_counted) ++impl.unreadable;
    return std::nullopt;
  }
  if (const auto* deduped = std::get_if<Deduped>(&envelope.event)) return impl.dedupe(envelope, *deduped);
  const auto known = impl.runs.find(envelope.run);
  if (known != impl.runs.end() && known->second.state.active()) impl.apply(known->second, envelope);
  return std::nullopt;
}

const std::map<RunType, WhatIfCounts>& WhatIf::counts() const {
  return impl_->counts;
}

std::uint64_t WhatIf::unreadable() const {
  return impl_->unreadable;
}

}  // namespace runledger
