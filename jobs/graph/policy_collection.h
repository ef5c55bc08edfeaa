// The kinds of policies that have assignments, and where Microsoft Graph keeps them.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

struct PolicyCollection {
  std::string_view type;  // As inputs and snapshots name it.
  std::string_view path;  // Below Graph's base URL.

  // Everything about one listing: the ids of all policies, each with its assignments.
  [[nodiscard]] std::string list_path() const;
  [[nodiscard]] std::string assignments_path(std::string_view policy) const;
  [[nodiscard]] std::string assign_path(std::string_view policy) const;
};

// "configuration" (the settings catalog), "device_configuration" or "compliance". Null: none of these.
[[nodiscard]] const PolicyCollection* find_policy_collection(std::string_view type);

// The type of an input that names none.
inline constexpr std::string_view kDefaultPolicyType = "configuration";

// [A-Za-z0-9_-][A-Za-z0-9._-]{0,127}: fit to stand in a path as it is.
[[nodiscard]] bool is_policy_id(std::string_view text);

}  // namespace runledger
