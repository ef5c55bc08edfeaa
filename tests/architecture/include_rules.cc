// Who may include what: the direction of includes, the homes of foreign libraries, cycles.
#include "tests/architecture/include_rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace runledger::style {
namespace {

struct Include {
  int line = 0;
  std::string path;
};

// `#include "x"` and `#include <x>` alike.
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

// The house from its ground up: a file may include what is on its own floor or below.
constexpr std::array<std::string_view, 6> kFloors = {"schema", "ledger", "projections", "projections/postgres",
                                                     "jobs",   "tools"};

// Absent for what is no floor: foreign headers, tests, bench.
std::optional<std::size_t> floor_of(std::string_view path) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < kFloors.size(); ++i) {
    if (path.starts_with(std::string(kFloors[i]) + "/")) found = i;  // The later entry is the more exact one.
  }
  return found;
}

struct Home {
  std::string_view header;              // What an include of the library begins or ends with.
  std::vector<std::string_view> homes;  // What a path that may include it begins with.
};

// Where Cap'n Proto and its generated types are at home; ledger/wire.h is shared by these files and by nobody else.
const std::vector<std::string_view>& codecs() {
  static const std::vector<std::string_view> all = {"ledger/codec.cc", "ledger/state_codec.cc", "ledger/wire.",
                                                    "projections/row_codec.cc"};
  return all;
}

// Where RPC is at home: ledger/rpc_link.h is shared by the client and the reader, ledger/rpc_words.h with the server
// too.
const std::vector<std::string_view>& rpc() {
  static const std::vector<std::string_view> all = {"ledger/claim_words.",
                                                    "ledger/remote_client.cc",
                                                    "ledger/remote_journal.cc",
                                                    "ledger/remote_copy.cc",
                                                    "ledger/remote_run_source.cc",
                                                    "ledger/rpc_fields.h",
                                                    "ledger/rpc_link.",
                                                    "ledger/rpc_tls.",
                                                    "ledger/rpc_words.",
                                                    "projections/read_words.",
                                                    "projections/remote_reader.cc",
                                                    "tools/daemon/rpc_"};
  return all;
}

// The first that fits an include holds for it.
const std::vector<Home>& homes() {
  static const std::vector<Home> all = {
      {"rocksdb/",
       {"ledger/event_log.cc", "ledger/store.cc", "ledger/store_cursor.", "ledger/store_info_log.",
        "ledger/store_settings.", "ledger/store_wal.cc", "projections/row_"}},
      {"capnp/rpc-twoparty.h", rpc()},
      {"capnp/rpc.capnp.h", rpc()},
      {"capnp/serialize-async.h", rpc()},
      {"kj/async-io.h", rpc()},
      {"kj/compat/tls.h", rpc()},
      {"kj/debug.h", rpc()},
      {"schema/rpc.capnp.h", rpc()},
      {"ledger/claim_words.h", rpc()},
      {"ledger/rpc_fields.h", rpc()},
      {"ledger/rpc_link.h", rpc()},
      {"ledger/rpc_tls.h", rpc()},
      {"ledger/rpc_words.h", rpc()},
      {"projections/read_words.h", rpc()},
      {"capnp/", codecs()},
      {"kj/", codecs()},
      {".capnp.h", codecs()},
      {"ledger/wire.h", codecs()},
      {"pqxx", {"projections/postgres/"}},
      {"CLI/", {"tools/"}},
      {"curl/", {"jobs/graph_client.cc"}},
      {"zlib.h", {"tools/cli/"}},
      {"openssl/",
       {"ledger/sha256.cc", "ledger/identity.cc", "ledger/ids.cc", "ledger/tls_files.cc", "tools/daemon/http_socket.cc",
        "tools/daemon/token_store.cc"}},
      {"boost/uuid/", {"ledger/ids."}},
      {"boost/asio/",
       {"tools/daemon/http_connection.", "tools/daemon/http_reader.cc", "tools/daemon/http_server.cc",
        "tools/daemon/http_socket."}},
      {"boost/beast/", {"tools/daemon/http_reader.cc"}},
      {"prometheus/", {"tools/daemon/daemon_metrics.cc"}},
      {"spdlog/", {"tools/daemon/daemon_log.cc"}},
      {"gtest/", {}},
      {"gmock/", {}},
      {"rapidcheck", {}},
      {"nlohmann/json_fwd.hpp", {"ledger/", "projections/", "jobs/", "tools/"}},
      {"nlohmann/json.hpp", {"ledger/", "projections/", "jobs/", "tools/"}},
  };
  return all;
}

bool is_of_library(std::string_view include, std::string_view header) {
  return header.starts_with('.') ? include.ends_with(header) : include.starts_with(header);
}

bool is_at_home(std::string_view path, const Home& home) {
  return std::any_of(home.homes.begin(), home.homes.end(),
                     [&](std::string_view prefix) { return path.starts_with(prefix); });
}

// Depth first; `path` holds the includes that led here.
void find_cycles(const SourceTree& tree, const std::string& file, std::vector<std::string>& path,
                 std::set<std::string>& done, std::vector<Finding>& findings) {
  const auto again = std::find(path.begin(), path.end(), file);
  if (again != path.end()) {
    std::string way;
    for (auto step = again; step != path.end(); ++step) way += *step + " -> ";
    findings.push_back({"include_cycles", file, 0, way + file});
    return;
  }
  const auto found = tree.find(file);
  if (found == tree.end() || !done.insert(file).second) return;
  path.push_back(file);
  for (const Include& include : includes_of(found->second)) find_cycles(tree, include.path, path, done, findings);
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
        if (!is_of_library(include.path, home.header)) continue;
        if (!is_at_home(path, home))
          findings.push_back({"library_homes", path, include.line, include.path + " has its home elsewhere"});
        break;
      }
      if (path.ends_with(".h") && include.path == "nlohmann/json.hpp")
        findings.push_back({"library_homes", path, include.line, "a header includes nlohmann/json_fwd.hpp instead"});
    }
  }
  return findings;
}

std::vector<Finding> include_cycles(const SourceTree& tree) {
  std::vector<Finding> findings;
  std::vector<std::string> path;
  std::set<std::string> done;
  for (const auto& [file, text] : tree) {
    if (is_cpp(file)) find_cycles(tree, file, path, done, findings);
  }
  return findings;
}

}  // namespace runledger::style
