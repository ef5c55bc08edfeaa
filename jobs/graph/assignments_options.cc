// Reads the options from the environment and checks them before the first run needs them.
#include "jobs/graph/assignments_options.h"

#include <algorithm>

#include "jobs/graph/address.h"
#include "ledger/base/ascii.h"
#include "ledger/base/failure.h"

namespace runledger {

namespace {

[[noreturn]] void fail(std::string_view code, const std::string& what) {
  throw Failure(Remedy::kCorrectInput, code, what);
}

bool is_graph_tenant(std::string_view text) {
  constexpr std::size_t kBytesMax = 128;
  return text.size() <= kBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '.' || c == '-'; });
}

}  // namespace

std::optional<AssignmentsOptions> assignments_options(const std::function<const char*(const char* name)>& variable) {
  const auto set = [&](const char* name, auto& option) {
    const char* value = variable(name);
    if (value != nullptr && *value != '\0') option = value;
  };
  AssignmentsOptions options;
  set("GRAPH_TOKEN_FILE", options.graph.token_file);
  if (options.graph.token_file.empty()) return {};
  set("GRAPH_BASE_URL", options.graph.base_url);
  set("GRAPH_CA_FILE", options.graph.ca_file);
  set("GRAPH_TENANT_ID", options.graph_tenant_id);
  set(kSnapshotsVariable, options.snapshot_directory);
  return options;
}

void require_usable(const AssignmentsOptions& options) {
  const auto address = GraphAddress::parse(options.graph.base_url);
  if (!address) fail(address.rejection().code, address.rejection().detail.str());
  if (options.graph.token_file.empty())
    fail("graph.unconfigured", "expected a file with a token for Graph, found none");
  if (options.snapshot_directory.empty()) fail("graph.unconfigured", "expected a directory for snapshots, found none");
  if (!is_graph_tenant(options.graph_tenant_id))
    fail("graph.tenant_id_invalid", "expected Graph's tenant to be a UUID or a domain name, found another text");
}

}  // namespace runledger
