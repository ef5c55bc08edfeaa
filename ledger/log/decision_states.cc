// Point reads of the families that hold states, one backward seek, and the fold of a run whose state is left to its
// events.
#include "ledger/log/decision_states.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <string_view>

#include "ledger/base/damage.h"
#include "ledger/log/entries.h"
#include "ledger/log/run_events.h"
#include "ledger/log/state_codec.h"
#include "ledger/log/store/cursor.h"

namespace runledger {
namespace {

// Returns the decoded value under `key`; absent when the key is not stored.
template <class State>
std::optional<State> load(const Store& store, Family family, const std::string& key,
                          State (*decode)(std::string_view)) {
  std::optional<State> state;
  find_value(store, family, key, [&](std::string_view stored) { state = decode(stored); });
  return state;
}

}  // namespace

bool DecisionStates::is_empty() const {
  return !Cursor(store_, Family::kEvents, event_key(Sequence{}), "", Cursor::Reuse::kUnlikely).valid();
}

// An empty entry says that the state is left to the run's events. They are read after the entry, so the state may
// already be that of a later append.
RunState DecisionStates::load_run(RunId run) const {
  std::optional<RunState> state;
  const bool known = find_value(store_, Family::kRuns, bytes_of(run.value), [&](std::string_view stored) {
    if (!stored.empty()) state = decode_run(stored);
  });
  if (!known) return {};
  if (!state) state = fold_events_of(store_, run);
  if (!state->exists()) {
    throw_damaged(fmt::format("expected the events of run {}, found none", format_uuid(run.value)));
  }
  return *std::move(state);
}

IdentityState DecisionStates::load_identity(const Identity& identity) const {
  return load(store_, Family::kIdentities, std::string(bytes_of(identity.digest)), decode_identity)
      .value_or(IdentityState{});
}

// The last key of the scope's index says how far the numbers of the scope have come, so no counter is stored for it.
DecisionStates::ScopeEnd DecisionStates::load_scope_end(const Scope& scope, ScopeSequence at_most) const {
  const std::string end = scope_event_key(scope_digest(scope), at_most);
  Cursor cursor(store_, Family::kScopeEvents, end, "", Cursor::Reuse::kLikely);
  cursor.seek_back(end);
  const bool of_scope = cursor.valid() && cursor.key().size() == kScopeEventKeyBytes &&
                        cursor.key().substr(0, sizeof(ContentDigest)) == end.substr(0, sizeof(ContentDigest));
  if (!of_scope) return {};
  return {ScopeSequence{number_at_end(cursor.key())}, sequence_in(cursor.value())};
}

std::optional<CommandRecord> DecisionStates::load_command(CommandId command) const {
  return load(store_, Family::kCommands, bytes_of(command.value), decode_command);
}

std::optional<LifeSign> DecisionStates::load_life_sign(RunId run) const {
  return load(store_, Family::kHeartbeats, bytes_of(run.value), decode_life_sign);
}

Counts DecisionStates::load_progress(RunId run) const {
  std::optional<LifeSign> sign = load_life_sign(run);
  if (!sign || sign->progress.empty()) return {};
  const RunState state = load_run(run);
  const AttemptState* open = state.open_attempt();
  return open != nullptr && open->token == sign->token ? std::move(sign->progress) : Counts();
}

}  // namespace runledger
