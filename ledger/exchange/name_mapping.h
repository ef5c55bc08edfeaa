// Maps the names of other systems to names that a ledger takes.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// What every mapped name begins with: mapped.x_
inline constexpr std::string_view kMappedNamePrefix =
    "mapped."
    "x_";

// All return `name` itself if it is one that the ledger takes and that does not begin with kMappedNamePrefix. Any other
// name becomes the prefix followed by its bytes, where
//   _                               is written __
//   A to Z, in a dotted name        is _ and the letter in lower case
//   any other byte that is not one of the ledger's, and in a dotted name a dot that no letter a to z follows,
//                                   is _ and its three decimal digits
// So different names stay different, and a mapped name says what it came from. A result that is too long for a name is
// no name, like an empty one: the ledger refuses it. A name that has a secret is returned as it is, to be refused.

// For a workspace or a tenant: auth0|x becomes mapped.x_auth0_124x.
[[nodiscard]] std::string mapped_scope_name(std::string_view name);
// For a type: App\Jobs\X becomes mapped.x__app_092_jobs_092_x.
[[nodiscard]] std::string mapped_type(std::string_view name);
// For a reason code: GraphThrottled becomes mapped.x__graph_throttled.
[[nodiscard]] std::string mapped_reason_code(std::string_view name);

}  // namespace runledger
