// The rules about the page read TypeScript as lines of text; its types are checked by tsc in scripts/test-page.
#include "tests/architecture/page_rules.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "ledger/values/digest.h"
#include "ledger/values/sha256.h"

namespace runledger::style {
namespace {

constexpr std::string_view kVendor = "web/vendor/";

bool is_of_page(std::string_view path) {
  return path.starts_with("web/") && !path.starts_with(kVendor) &&
         ends_with_any(path, {".ts", ".tsx", ".css", ".html"});
}

// Calls `look` with every line of every file of the page.
template <class Look>
void for_each_line(const SourceTree& tree, const Look& look) {
  for (const auto& [path, text] : tree) {
    if (!is_of_page(path)) continue;
    int number = 0;
    for (const std::string& line : lines_of(text)) look(path, ++number, line);
  }
}

std::vector<std::string> segments_of(const std::string& path) {
  std::vector<std::string> segments;
  std::istringstream in(path);
  for (std::string segment; std::getline(in, segment, '/');) segments.push_back(segment);
  return segments;
}

// Whether a path of the page, with "$" for an expression, is the path of a route, with {names} for parameters.
bool fits(const std::vector<std::string>& used, const std::string& route) {
  const std::vector<std::string> segments = segments_of(route.substr(1));
  return std::equal(used.begin(), used.end(), segments.begin(), segments.end(),
                    [](const std::string& a, const std::string& b) { return a == b || b.starts_with('{'); });
}

}  // namespace

std::vector<Finding> page_imports(const SourceTree& tree) {
  static const std::regex import(R"re((?:^import|^\}|^export).*from "([^"]+)")re");
  static const std::set<std::string> vendored = {"preact", "preact/hooks"};
  std::vector<Finding> findings;
  for_each_line(tree, [&](const std::string& path, int number, const std::string& line) {
    std::smatch found;
    if (!std::regex_search(line, found, import) || vendored.contains(found[1])) return;
    const std::string file =
        (std::filesystem::path(folder_of(path)) / found[1].str()).lexically_normal().generic_string();
    const bool is_own = found[1].str().starts_with('.') && file.starts_with("web/") &&
                        (tree.contains(file + ".ts") || tree.contains(file + ".tsx"));
    if (!is_own) findings.push_back({"page_imports", path, number, "imports " + found[1].str()});
  });
  return findings;
}

std::vector<Finding> page_routes(const SourceTree& tree) {
  static const std::regex use(R"(["`](v1/[^"`?]*))");
  static const std::regex expression(R"(\$\{[^}]*\})");
  const auto document = tree.find("schema/openapi.json");
  const nlohmann::json routes =
      document == tree.end() ? nlohmann::json::object() : nlohmann::json::parse(document->second)["paths"];
  std::vector<Finding> findings;
  for_each_line(tree, [&](const std::string& path, int number, const std::string& line) {
    for (std::sregex_iterator at(line.begin(), line.end(), use), end; at != end; ++at) {
      const auto used = segments_of(std::regex_replace((*at)[1].str(), expression, "$$"));
      const bool known = std::any_of(routes.items().begin(), routes.items().end(),
                                     [&](const auto& route) { return fits(used, route.key()); });
      if (!known) findings.push_back({"page_routes", path, number, "asks for " + (*at)[1].str()});
    }
  });
  return findings;
}

std::vector<Finding> page_safety(const SourceTree& tree) {
  static const std::regex unsafe(
      R"re(innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\bstyle=|<script>|)re"
      R"re(\bon[a-z]+="|url\((?!#)|@import (?!"\./)|https?://(?!www\.w3\.org/))re");
  std::vector<Finding> findings;
  for_each_line(tree, [&](const std::string& path, int number, const std::string& line) {
    std::smatch found;
    if (std::regex_search(line, found, unsafe))
      findings.push_back({"page_safety", path, number, "uses " + found.str()});
  });
  return findings;
}

std::vector<Finding> page_vendor(const SourceTree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!path.starts_with(kVendor) || file_name(path) == "SHA256SUMS") continue;
    const auto sums = tree.find(folder_of(path) + "/SHA256SUMS");
    const std::string hash = format_hex(bytes_of(sha256({text})));
    if (sums == tree.end() || sums->second.find(hash + "  " + file_name(path) + "\n") == std::string::npos)
      findings.push_back({"page_vendor", path, 0, "is not the file that SHA256SUMS names"});
    if (!tree.contains(folder_of(path) + "/LICENSE"))
      findings.push_back({"page_vendor", path, 0, "has no LICENSE beside it"});
  }
  return findings;
}

}  // namespace runledger::style
