// The entries of the database of scopes, as bytes.
//
//   S                        how far it has followed the log, and the root of the tree of scopes
//   H PLACE                  the scopes at a place of that tree
//   M DEPTH PREFIX           a branching node of that tree
//   R SCOPE-KEY PLACE        the runs at a place of the tree of a scope's runs
//   N SCOPE-KEY DEPTH PREFIX a branching node of that tree
//
// Numbers are big-endian; a place has 4 bytes, a depth one, a key of a scope 32.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/log/merkle.h"
#include "ledger/log/scope_head.h"
#include "ledger/log/sparse_tree.h"

namespace runledger {

inline constexpr const char* kScopesStateKey = "S";
inline constexpr char kScopePlaces = 'H';  // The first bytes of the other keys.
inline constexpr char kScopeBranches = 'M';
inline constexpr char kRunPlaces = 'R';
inline constexpr char kRunBranches = 'N';

[[nodiscard]] std::string scope_place_key(Place place);
[[nodiscard]] std::string scope_branch_key(unsigned depth, Place prefix);
[[nodiscard]] std::string run_place_key(const Digest<32>& scope_key, Place place);
[[nodiscard]] std::string run_branch_key(const Digest<32>& scope_key, unsigned depth, Place prefix);

struct ScopesState {
  MerkleFrontier log;                // Of the events that were followed.
  Digest<8> secrets;                 // ScopeSecrets::id().
  std::optional<SparseRoot> scopes;  // Absent without events.
};

struct RunRecord {
  RunId run;
  MerkleFrontier events;
};

struct ScopeRecord {
  Scope scope;
  MerkleFrontier events;
  std::optional<SparseRoot> runs;  // Absent only in a record that is new.
};

[[nodiscard]] std::string encode_scopes_state(const ScopesState& state);
[[nodiscard]] std::string encode_scopes(const std::vector<ScopeRecord>& records);
[[nodiscard]] std::string encode_runs(const std::vector<RunRecord>& records);
[[nodiscard]] std::string encode_branch(const SparseBranch& branch);

// The reverse. They throw Failure "rows.damaged" for other bytes.
[[nodiscard]] ScopesState decode_scopes_state(std::string_view bytes);
[[nodiscard]] std::vector<ScopeRecord> decode_scopes(std::string_view bytes);
[[nodiscard]] std::vector<RunRecord> decode_runs(std::string_view bytes);
[[nodiscard]] SparseBranch decode_branch(std::string_view bytes);

}  // namespace runledger
