// The kinds of policies that have assignments, and the paths under which Microsoft Graph offers them.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

struct PolicyCollection {
  std::string_view type;  // Its name in inputs and snapshots.
  std::string_view path;  // Appended to Graph's base URL.

  // Paths below the base URL: the list of all policies (ids and assignments only), the assignments of one policy, and
  // the action that replaces them. Require is_policy_id(policy).
  [[nodiscard]] std::string list_path() const;
  [[nodiscard]] std::string assignments_path(std::string_view policy) const;
  [[nodiscard]] std::string assign_path(std::string_view policy) const;
};

// Returns the collection for "configuration" (the settings catalog), "device_configuration" or "compliance". Null: the
// type is unknown.
[[nodiscard]] const PolicyCollection* find_policy_collection(std::string_view type);

// The policy type of an input that does not name one.
inline constexpr std::string_view kDefaultPolicyType = "configuration";

// Whether the text is [A-Za-z0-9_-][A-Za-z0-9._-]{0,127}, which needs no encoding in a path and cannot leave it.
[[nodiscard]] bool is_policy_id(std::string_view text);

}  // namespace runledger
