// The parameters of a question, as texts, and their conversion to values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/rules/dedupe.h"
#include "projections/rows/run_list.h"

namespace runledger {

// Names and values in the order in which the caller gave them; a name may occur several times. Every need_ and find_
// function throws Refused, with the code "<name>.invalid" or that of the value.
class Parameters {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  Parameters() = default;
  explicit Parameters(Pairs pairs) : pairs_(std::move(pairs)) {}

  void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
  [[nodiscard]] const Pairs& pairs() const { return pairs_; }

  // The first value of a name, or null. Owned by this object.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> find_all(std::string_view name) const;

  [[nodiscard]] std::optional<Time> find_time(std::string_view name) const;
  // Whether the value is 1; 0, or no such name, means no.
  [[nodiscard]] bool need_switch(std::string_view name) const;
  [[nodiscard]] std::uint64_t need_number(std::string_view name, std::uint64_t otherwise, std::uint64_t min,
                                          std::uint64_t max) const;
  [[nodiscard]] AnyOf<DedupeRule> need_rules() const;  // "rule"
  // The filters of a list, as far as they are there. Code "range.invalid" when since is after until.
  [[nodiscard]] RunFilter need_filter() const;

 private:
  void read_states(RunFilter& filter) const;
  void read_times(RunFilter& filter) const;
  void read_aspects(RunFilter& filter) const;

  Pairs pairs_;
};

}  // namespace runledger
