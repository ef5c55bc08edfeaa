// Compares the OpenAPI document with the program: the table of routes, and the members of what is answered.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "ledger/exchange/catalog_json.h"
#include "ledger/exchange/reply_json.h"
#include "projections/answers/series.h"
#include "projections/answers/why.h"
#include "projections/rows/json.h"
#include "schema/embedded.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/places.h"
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
    const char* type = route.takes_lines ? "application/x-ndjson" : "application/json";
    const json& body = resolved(operation["requestBody"]["content"][type]["schema"]);
    Names members;
    for (const auto& [name, schema] : body["properties"].items()) members.insert(name);
    EXPECT_EQ(members, names_of(route.members)) << route.path;
    EXPECT_EQ(body["additionalProperties"], false) << route.path;
    EXPECT_EQ(operation["requestBody"]["required"].get<bool>(), body.contains("required")) << route.path;
    if (!route.takes_lines) {
      EXPECT_TRUE(parameters_in(operation, "header").contains("Idempotency-Key")) << route.path;
    }
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

// A generator of clients takes an object without members for one that is always empty.
void check_objects(const json& value, const std::string& place) {
  if (!value.is_structured()) return;
  if (value.is_object() && value.contains("type") && value["type"] == "object") {
    EXPECT_TRUE(value.contains("properties") || value.contains("additionalProperties")) << place;
  }
  for (const auto& [name, member] : value.items()) check_objects(member, place + "/" + name);
}

TEST(HttpOpenApi, SaysOfEveryObjectWhatItHolds) {
  check_objects(document(), "");
}

// A generator of clients takes a member with a default for one that is always there, in requests as in answers.
TEST(HttpOpenApi, GivesNoDefaultToMembersOfBodies) {
  for (const auto& [name, schema] : document()["components"]["schemas"].items()) {
    if (!schema.contains("properties")) continue;
    for (const auto& [member, value] : schema["properties"].items())
      EXPECT_FALSE(value.contains("default")) << name << "." << member;
  }
}

template <class Enum>
Names words_of() {
  Names words;
  for (const auto& [value, word] : kEnumWords<Enum>) words.insert(std::string(word));
  return words;
}

Names without(Names words, const std::string& word) {
  words.erase(word);
  return words;
}

TEST(HttpOpenApi, ListsTheWordsOfEveryEnumeration) {
  const json& schemas = document()["components"]["schemas"];
  const auto listed = [&](const char* place) { return schemas.at(json::json_pointer(place))["enum"].get<Names>(); };
  // The ledger itself closes lost attempts: no answer says "expired", and no worker reports "lost".
  EXPECT_EQ(listed("/Answer/properties/decision"), without(words_of<Verdict>(), "expired"));
  EXPECT_EQ(listed("/AttemptOutcome"), without(words_of<AttemptOutcome>(), "lost"));
  EXPECT_EQ(listed("/EndedOutcome"), words_of<AttemptOutcome>());
  EXPECT_EQ(listed("/RunStatus"), words_of<RunStatus>());
  EXPECT_EQ(listed("/RunOutcome"), words_of<RunOutcome>());
  EXPECT_EQ(listed("/DedupeRule"), words_of<DedupeRule>());
  EXPECT_EQ(listed("/CooldownFrom"), words_of<CooldownFrom>());
  EXPECT_EQ(listed("/TypeEntry/properties/scope"), words_of<TypeScope>());
  EXPECT_EQ(listed("/WhyNot/properties/reason"), words_of<WhyNot>());
  EXPECT_EQ(listed("/Duplicate/properties/stage"), words_of<DedupeStage>());
  const auto listed_for = [](const char* name) {
    for (const json& parameter : document()["paths"]["/v1/stats/series"]["get"]["parameters"]) {
      if (parameter.value("name", "") == name) return parameter["schema"]["enum"].get<Names>();
    }
    return Names();
  };
  EXPECT_EQ(listed_for("by"), words_of<SeriesBy>());
  EXPECT_EQ(listed_for("of"), words_of<SeriesOf>());
  EXPECT_EQ(listed("/DedupedEvent/allOf/1/properties/data/properties/stage"), words_of<DedupeStage>());
  EXPECT_EQ(listed("/AttemptFinishedEvent/allOf/1/properties/data/properties/disposition"), words_of<Disposition>());
}

Names members_of(const json& object) {
  Names names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

Names members_of(const std::string& text) {
  return members_of(json::parse(text));
}

struct Members {
  Names all;
  Names required;
};

Members members_in(const json& schema) {
  return {members_of(schema["properties"]), schema["required"].get<Names>()};
}

void expect_members(const char* schema, const std::string& fullest, const std::string& least) {
  const Members members = members_in(document()["components"]["schemas"][schema]);
  EXPECT_EQ(members.all, members_of(fullest)) << schema;
  EXPECT_EQ(members.required, members_of(least)) << schema;
}

TEST(HttpOpenApi, NamesTheMembersOfWhatIsAnswered) {
  expect_members("Answer", reply_to_json(Reply{.run = {}, .sequence = {}, .warnings = {{}}, .lease = Duration{1}}),
                 reply_to_json(Reply{.run = {}, .sequence = {}, .warnings = {}}));
  const json& claimed = document()["paths"]["/v1/claims"]["post"]["responses"]["201"]["content"]["application/json"];
  EXPECT_EQ(claimed["schema"]["$ref"], "#/components/schemas/ClaimedRun");
  const Counts progress = examples::counts({{"items", 1}});
  expect_members("Run", row_to_json(OperationRun::Row(), progress),
                 row_to_json(OperationRun::Row(), {}, RowView::kSummary));
  const std::string attempt = attempt_to_json(AttemptRow());
  expect_members("Attempt", attempt, attempt);
  const std::string standing = totals_to_json({.head = {}, .log = LogStanding{.tree = {}, .signed_size = 1}});
  expect_members("Totals", standing, totals_to_json({}));
  const std::string log = json::parse(standing)["log"].dump();
  expect_members("LogStanding", log, log);
  const PolicyChanges bound{.max_attempts = 1,
                            .lease = Duration(1),
                            .backoff = Duration(1),
                            .cooldown = Duration(1),
                            .cooldown_from = CooldownFrom::kRequest,
                            .cooldown_after = OutcomeSet()};
  CatalogEntry entry{.type = *parse_run_type("demo.sync"),
                     .label = {},
                     .policy = {},
                     .bounds = {},
                     .identity = {},
                     .summary_keys = {},
                     .outcomes = {},
                     .expect_every = {}};
  const std::string unbounded = entry_to_json(entry);
  entry.bounds = {.least = bound, .most = bound};
  entry.expect_every = Duration(1);
  expect_members("TypeEntry", entry_to_json(entry), unbounded);
}

// The golden files have an event of every kind with all its members, and one with as few as possible.
std::vector<json> golden_events() {
  std::vector<json> events;
  for (const auto& file : std::filesystem::directory_iterator(source_directory() / "tests/fixtures/data/golden")) {
    std::ifstream in(file.path());
    if (file.path().extension() == ".json") events.push_back(json::parse(in));
  }
  return events;
}

// Expects that `objects` together have all members of the schema, and each of them all that are required.
void expect_members_together(const json& schema, const std::vector<json>& objects, const std::string& what) {
  const Members members = members_in(schema);
  Names found;
  for (const json& object : objects) {
    const Names names = members_of(object);
    found.insert(names.begin(), names.end());
    for (const std::string& name : members.required) EXPECT_TRUE(names.contains(name)) << what << ": " << name;
  }
  EXPECT_EQ(members.all, found) << what;
}

TEST(HttpOpenApi, NamesTheMembersOfEveryKindOfEvent) {
  const std::vector<json> events = golden_events();
  Names kinds;
  for (const json& each : document()["components"]["schemas"]["Event"]["oneOf"]) {
    const json& own = resolved(each)["allOf"][1]["properties"];
    const std::string kind = own["kind"]["const"];
    kinds.insert(kind);
    std::vector<json> data;
    for (const json& event : events) {
      if (event["kind"] == kind) data.push_back(event["data"]);
    }
    expect_members_together(own["data"], data, kind);
  }
  EXPECT_EQ(kinds, Names(std::begin(kEventKinds), std::end(kEventKinds)));

  std::vector<json> positions = events;
  for (json& event : positions) {
    event.erase("kind");
    event.erase("data");
  }
  expect_members_together(document()["components"]["schemas"]["EventPositions"], positions, "EventPositions");
}

}  // namespace
}  // namespace runledger
