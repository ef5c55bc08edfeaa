// Positions and numbers as types of their own, so that no two of them can be swapped.
#pragma once

#include <compare>
#include <cstdint>

namespace runledger {

// The position of an event in the whole log; dense, from 1. Zero is the position before the first event.
struct Sequence {
  std::uint64_t value = 0;
  friend auto operator<=>(const Sequence&, const Sequence&) = default;
  [[nodiscard]] Sequence next() const { return Sequence{value + 1}; }
};

// The number of an event among those of one run; dense, from 1. Zero means that the run does not exist.
struct RunVersion {
  std::uint32_t value = 0;
  friend auto operator<=>(const RunVersion&, const RunVersion&) = default;
  [[nodiscard]] RunVersion next() const { return RunVersion{value + 1}; }
};

// The number of an event among those of one scope; dense, from 1. It is the only position that a tenant sees.
struct ScopeSequence {
  std::uint64_t value = 0;
  friend auto operator<=>(const ScopeSequence&, const ScopeSequence&) = default;
  [[nodiscard]] ScopeSequence next() const { return ScopeSequence{value + 1}; }
};

// The number of an event among all those of one workspace, with and without a tenant; dense, from 1. It is the only
// position that a caller bound to a workspace sees.
struct WorkspaceSequence {
  std::uint64_t value = 0;
  friend auto operator<=>(const WorkspaceSequence&, const WorkspaceSequence&) = default;
  [[nodiscard]] WorkspaceSequence next() const { return WorkspaceSequence{value + 1}; }
};

// The number of an attempt at a run, in order of start, from 1. Zero means that no attempt was started.
struct AttemptNumber {
  std::uint32_t value = 0;
  friend auto operator<=>(const AttemptNumber&, const AttemptNumber&) = default;
  [[nodiscard]] AttemptNumber next() const { return AttemptNumber{value + 1}; }
};

}  // namespace runledger
