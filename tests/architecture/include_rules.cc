// The rules about includes: their direction, the homes of foreign libraries, and cycles.
#include "tests/architecture/include_rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace runledger::style {
namespace {

struct Include {
  int line = 0;
  std::string path;
};

// Finds both `#include "x"` and `#include <x>`.
std::vector<Include> includes_of(const std::string& text) {
  static constexpr std::string_view kDirective = "#include ";
  std::vector<Include> includes;
  int number = 0;
  for (const std::string& line : lines_of(text)) {
    ++number;
    if (!line.starts_with(kDirective) || line.size() < kDirective.size() + 2) continue;
    const std::size_t end = line.find_first_of("\">", kDirective.size() + 1);
    if (end == std::string::npos) continue;
    includes.push_back({number, line.substr(kDirective.size() + 1, end - kDirective.size() - 1)});
  }
  return includes;
}

// The house from the ground up: a file may include files on its own floor and on the floors below. Rooms that are not
// listed are on the floor of their folder.
constexpr std::array<std::string_view, 23> kFloors = {"schema",
                                                      "ledger/base",
                                                      "ledger/secrets",
                                                      "ledger/values",
                                                      "ledger/rules",
                                                      "ledger/sealing",
                                                      "ledger/log",
                                                      "ledger/shard",
                                                      "ledger/evidence",
                                                      "ledger/backup",
                                                      "ledger",
                                                      "ledger/exchange",
                                                      "engines",
                                                      "projections/folds",
                                                      "projections/rows",
                                                      "projections/verify",
                                                      "projections/answers",
                                                      "projections/reader",
                                                      "projections",
                                                      "projections/postgres",
                                                      "jobs",
                                                      "clients",
                                                      "tools"};

// Returns the index of the innermost folder of kFloors that holds `path`; nullopt for foreign headers, tests and bench.
std::optional<std::size_t> floor_of(std::string_view path) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < kFloors.size(); ++i) {
    const bool fits = path.starts_with(std::string(kFloors[i]) + "/");
    if (fits && (!found || kFloors[i].size() > kFloors[*found].size())) found = i;
  }
  return found;
}

// A foreign library, and the rooms that may use it.
struct Home {
  std::vector<std::string_view>
      headers;  // How the library's includes begin; an entry with a leading dot is how they end.
  std::vector<std::string_view> rooms;  // How the paths begin that may include it.
};

// The first entry that fits an include decides.
const std::vector<Home>& homes() {
  static const std::vector<Home> all = {
      {{"rocksdb/"}, {"ledger/log/", "projections/rows/"}},
      {{"capnp/rpc", "capnp/serialize-async.h", "kj/async", "kj/compat/", "kj/debug.h", "schema/rpc.capnp.h"},
       {"clients/cpp/", "tools/daemon/rpc/"}},
      {{"capnp/", "kj/", ".capnp.h"},
       {"ledger/log/", "ledger/shard/record.", "projections/rows/", "clients/cpp/", "tools/daemon/rpc/"}},
      {{"pqxx"}, {"projections/postgres/"}},
      {{"libpq"}, {"projections/postgres/", "engines/postgres/"}},
      {{"CLI/"}, {"tools/"}},
      {{"zlib.h"}, {"tools/", "ledger/values/deflate."}},
      {{"toml++/"}, {"tools/cli/options/config_file."}},
      {{"curl/"}, {"jobs/graph/", "tools/daemon/witness/"}},
      {{"openssl/"}, {"ledger/values/", "ledger/rules/identity.", "clients/cpp/", "tools/daemon/"}},
      {{"boost/uuid/"}, {"ledger/values/"}},
      {{"boost/asio/", "boost/beast/"}, {"tools/daemon/http/"}},
      {{"prometheus/"}, {"tools/daemon/observe/"}},
      {{"gtest/", "gmock/", "rapidcheck"}, {}},
      {{"utf8proc"}, {"ledger/secrets/", "tools/cli/output/text_width."}},
      {{"nlohmann/"}, {"ledger/values/json."}},
  };
  return all;
}

bool is_of_library(std::string_view include, const Home& home) {
  return std::any_of(home.headers.begin(), home.headers.end(), [&](std::string_view header) {
    return header.starts_with('.') ? include.ends_with(header) : include.starts_with(header);
  });
}

bool is_at_home(std::string_view path, const Home& home) {
  return std::any_of(home.rooms.begin(), home.rooms.end(),
                     [&](std::string_view prefix) { return path.starts_with(prefix); });
}

// A header and its source are one concept, and so one node: "ledger/rules/run" for "ledger/rules/run.cc".
std::string node_of(const std::string& path) {
  return path.substr(0, path.rfind('.'));
}

using Graph = std::map<std::string, std::set<std::string>>;

// Maps each node to the other nodes that it includes.
Graph nodes_of(const SourceTree& tree) {
  Graph graph;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path)) continue;
    std::set<std::string>& included = graph[node_of(path)];
    for (const Include& include : includes_of(text)) {
      if (tree.contains(include.path) && node_of(include.path) != node_of(path)) included.insert(node_of(include.path));
    }
  }
  return graph;
}

// Searches depth first. `path` holds the nodes from the start of the search to here.
void find_cycles(const Graph& graph, const std::string& node, std::vector<std::string>& path,
                 std::set<std::string>& done, std::vector<Finding>& findings) {
  const auto again = std::find(path.begin(), path.end(), node);
  if (again != path.end()) {
    std::string way;
    for (auto step = again; step != path.end(); ++step) way += *step + " -> ";
    findings.push_back({"include_cycles", node, 0, way + node});
    return;
  }
  if (!done.insert(node).second) return;
  path.push_back(node);
  for (const std::string& included : graph.at(node)) find_cycles(graph, included, path, done, findings);
  path.pop_back();
}

}  // namespace

std::vector<Finding> include_direction(const SourceTree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    const std::optional<std::size_t> own = floor_of(path);
    if (!is_cpp(path) || !own) continue;
    for (const Include& include : includes_of(text)) {
      const std::optional<std::size_t> other = floor_of(include.path);
      const std::string folder = top_folder(include.path);
      if ((other && *other > *own) || folder == "tests" || folder == "bench")
        findings.push_back(
            {"include_direction", path, include.line, "includes " + include.path + ", which is above it"});
    }
  }
  return findings;
}

std::vector<Finding> library_homes(const SourceTree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || top_folder(path) == "tests" || top_folder(path) == "bench") continue;
    for (const Include& include : includes_of(text)) {
      for (const Home& home : homes()) {
        if (!is_of_library(include.path, home)) continue;
        if (!is_at_home(path, home))
          findings.push_back({"library_homes", path, include.line, include.path + " has its home elsewhere"});
        break;
      }
    }
  }
  return findings;
}

std::vector<Finding> include_cycles(const SourceTree& tree) {
  std::vector<Finding> findings;
  std::vector<std::string> path;
  std::set<std::string> done;
  const Graph graph = nodes_of(tree);
  for (const auto& [node, included] : graph) find_cycles(graph, node, path, done, findings);
  return findings;
}

}  // namespace runledger::style
