// Who holds how much of something that is limited.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>

#include "ledger/base/assert.h"

namespace runledger {

// A caller, as it is counted where places are limited: by its token, and by the tenant or workspace that the token is
// bound to. A field that is empty is not counted: both for the owner of the process, and `tenant` for a token of the
// whole ledger.
struct Holder {
  std::string token = {};
  std::string tenant = {};
  friend bool operator==(const Holder&, const Holder&) = default;
};

// What each token and each tenant holds. While others want it, none may hold more than one part in kSharesOfAll.
class Shares {
 public:
  static constexpr std::size_t kSharesOfAll = 4;

  void add(const Holder& holder, std::size_t amount = 1) {
    change(by_token_, holder.token, [amount](std::size_t& held) { held += amount; });
    change(by_tenant_, holder.tenant, [amount](std::size_t& held) { held += amount; });
  }
  // Requires that the holder holds as much.
  void remove(const Holder& holder, std::size_t amount = 1) {
    const auto take = [amount](std::size_t& held) {
      RUNLEDGER_ASSERT(held >= amount);
      held -= amount;
    };
    change(by_token_, holder.token, take);
    change(by_tenant_, holder.tenant, take);
  }
  // What its token holds or what its tenant holds, whichever is more.
  [[nodiscard]] std::size_t held_by(const Holder& holder) const {
    return std::max(find(by_token_, holder.token), find(by_tenant_, holder.tenant));
  }
  // The most that any token or tenant holds.
  [[nodiscard]] std::size_t most() const { return std::max(most_of(by_token_), most_of(by_tenant_)); }

 private:
  using Amounts = std::unordered_map<std::string, std::size_t>;  // None is zero.

  template <class Change>
  static void change(Amounts& amounts, const std::string& name, const Change& change_one) {
    if (name.empty()) return;
    const auto amount = amounts.try_emplace(name, 0).first;
    change_one(amount->second);
    if (amount->second == 0) amounts.erase(amount);
  }
  static std::size_t find(const Amounts& amounts, const std::string& name) {
    const auto amount = amounts.find(name);
    return amount == amounts.end() ? 0 : amount->second;
  }
  static std::size_t most_of(const Amounts& amounts) {
    std::size_t most = 0;
    for (const auto& [name, amount] : amounts) most = std::max(most, amount);
    return most;
  }

  Amounts by_token_;
  Amounts by_tenant_;
};

}  // namespace runledger
