// The guessed text of a jsonb value is that of Postgres, for the JSON of usual inputs.
#include "projections/postgres/jsonb_text.h"

#include <gtest/gtest.h>

#include <pqxx/connection>
#include <pqxx/nontransaction>

#include "ledger/values/run_input.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

TEST(JsonbText, IsThatOfPostgres) {
  pqxx::connection connection(PrivatePostgres::shared().make_database());
  pqxx::nontransaction query(connection);
  for (const std::string json :
       {R"({})", R"([])", R"({"b":1,"a":2,"aa":3,"":4})", R"({"a":[],"b":{},"c":[{},[]]})",
        R"({"window":"2026-01-05","policy_ids":["p1","p2"]})", R"([1,-2,0.5,1234567890123456789,true,false,null])",
        R"({"text":"a \"quoted\" \\ and \n\t\b\f\r , : { } [ ] \u0001"})", R"({"ä":"ü","é":"日本","zz":"😀"})",
        R"({"deep":{"deeper":{"bb":[1,[2,[3]]],"a":{"x":"y"}}}})", R"("text")", R"(7)", R"(null)"}) {
    std::string guessed;
    append_jsonb_text(guessed, json);
    EXPECT_EQ(guessed, query.exec_params1("select $1::jsonb::text", json)[0].as<std::string>()) << json;
  }
}

}  // namespace
}  // namespace runledger
