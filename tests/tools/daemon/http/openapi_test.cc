// Compares the OpenAPI document with the table of routes: both list the same routes, queries and members.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "ledger/exchange/reply_json.h"
#include "projections/rows/json.h"
#include "schema/embedded.h"
#include "tools/daemon/http/routes.h"

namespace runledger {
namespace {

using nlohmann::json;
using Names = std::set<std::string>;

const json& document() {
  static const json parsed = json::parse(embedded::kOpenApiJson);
  return parsed;
}

// Follows a reference, if `value` is one.
const json& resolved(const json& value) {
  if (!value.contains("$ref")) return value;
  return document().at(json::json_pointer(value["$ref"].get<std::string>().substr(1)));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

Names parameters_in(const json& operation, std::string_view place) {
  Names names;
  for (const json& each : operation.value("parameters", json::array())) {
    const json& parameter = resolved(each);
    if (parameter["in"] == place) names.insert(parameter["name"]);
  }
  return names;
}

Names names_of(const std::vector<std::string_view>& names) {
  return {names.begin(), names.end()};
}

Names parameters_of(std::string_view path) {
  Names names;
  for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1))
    names.insert(std::string(path.substr(at + 1, path.find('}', at) - at - 1)));
  return names;
}

// Returns null when the document lacks the route.
json operation_of(const HttpRoute& route) {
  const json& paths = document()["paths"];
  const auto path = paths.find(std::string(route.path));
  if (path == paths.end()) return nullptr;
  return path->value(lower(route.method), json());
}

TEST(HttpOpenApi, HasEveryRouteAndNoOther) {
  Names documented;
  for (const auto& [path, operations] : document()["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) documented.insert(method + " " + path);
  }
  Names served;
  for (const HttpRoute& route : http_routes()) served.insert(lower(route.method) + " " + std::string(route.path));
  EXPECT_EQ(documented, served);
}

TEST(HttpOpenApi, NamesTheQueriesMembersAndParametersOfEachRoute) {
  for (const HttpRoute& route : http_routes()) {
    const json operation = operation_of(route);
    ASSERT_TRUE(operation.is_object()) << route.path;
    EXPECT_EQ(parameters_in(operation, "query"), names_of(route.queries)) << route.path;
    EXPECT_EQ(parameters_in(operation, "path"), parameters_of(route.path)) << route.path;
    EXPECT_EQ(operation.contains("requestBody"), !route.members.empty()) << route.path;
    if (route.members.empty()) continue;
    const json& body = resolved(operation["requestBody"]["content"]["application/json"]["schema"]);
    Names members;
    for (const auto& [name, schema] : body["properties"].items()) members.insert(name);
    EXPECT_EQ(members, names_of(route.members)) << route.path;
    EXPECT_EQ(body["additionalProperties"], false) << route.path;
    EXPECT_EQ(operation["requestBody"]["required"].get<bool>(), body.contains("required")) << route.path;
    EXPECT_TRUE(parameters_in(operation, "header").contains("Idempotency-Key")) << route.path;
  }
}

TEST(HttpOpenApi, SaysWhichRoutesNeedNoToken) {
  for (const HttpRoute& route : http_routes()) {
    const json operation = operation_of(route);
    EXPECT_EQ(operation.contains("security"), route.access == HttpAccess::kOpen) << route.path;
  }
  EXPECT_EQ(document()["openapi"], "3.1.0");
}

void check_references(const json& value) {
  if (value.is_object() && value.contains("$ref")) {
    const json::json_pointer pointer(value["$ref"].get<std::string>().substr(1));
    EXPECT_TRUE(document().contains(pointer)) << value["$ref"];
  }
  if (!value.is_structured()) return;
  for (const auto& [name, member] : value.items()) check_references(member);
}

TEST(HttpOpenApi, RefersOnlyToWhatItHolds) {
  check_references(document());
  Names ids;
  for (const auto& [path, operations] : document()["paths"].items()) {
    for (const auto& [method, operation] : operations.items())
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << path;
  }
}

template <class Json>
Names members_of(const Json& object) {
  Names names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

TEST(HttpOpenApi, NamesTheMembersOfWhatIsAnswered) {
  const json& schemas = document()["components"]["schemas"];
  const auto documented = [&](const char* schema) { return members_of(schemas[schema]["properties"]); };
  EXPECT_EQ(
      documented("Answer"),
      members_of(nlohmann::ordered_json::parse(reply_to_json(Reply{.run = {}, .sequence = {}, .warnings = {{}}}))));
  const json& claimed = document()["paths"]["/v1/claims"]["post"]["responses"]["201"]["content"]["application/json"];
  EXPECT_EQ(claimed["schema"]["$ref"], "#/components/schemas/ClaimedRun");
  EXPECT_EQ(documented("Run"), members_of(nlohmann::ordered_json::parse(row_to_json(OperationRun::Row()))));
  EXPECT_EQ(documented("Attempt"), members_of(nlohmann::ordered_json::parse(attempt_to_json(AttemptRow()))));
  EXPECT_EQ(documented("Totals"),
            members_of(nlohmann::ordered_json::parse(statistics_to_json(Statistics(), Sequence()))));
}

}  // namespace
}  // namespace runledger
