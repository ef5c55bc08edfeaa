// Tests that a catalog means the same when it was written and read again.
#include "ledger/exchange/catalog_json.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

TEST(CatalogJson, KeepsPoliciesAndTheirBounds) {
  const Catalog catalog = *Catalog::parse(R"({"types":[
      {"type":"a.plain","identity_sets":["ids"],"expect_every_seconds":86400},
      {"type":"b.bounded","max_attempts":3,"max_attempts_min":1,"max_attempts_max":9,"lease_seconds_min":0.5,
       "backoff_seconds_max":60,"cooldown_seconds_min":0,"cooldown_seconds_max":3600,"cooldown_from_min":"request",
       "cooldown_after":["failed"],"cooldown_after_min":["failed"],"cooldown_after_max":["failed","blocked"]}]})",
                                          Policy{});
  const Catalog read = *Catalog::parse(catalog_to_json(catalog), Policy{});
  for (const char* name : {"a.plain", "b.bounded"}) {
    const CatalogEntry& entry = catalog.entry(*parse_run_type(name));
    EXPECT_EQ(read.entry(entry.type).policy, entry.policy) << name;
    EXPECT_EQ(read.entry(entry.type).bounds, entry.bounds) << name;
    EXPECT_EQ(read.entry(entry.type).expect_every, entry.expect_every) << name;
    EXPECT_EQ(read.entry(entry.type).identity.sets, entry.identity.sets) << name;
  }
}

}  // namespace
}  // namespace runledger
