// The lines of an export that carry keys of tenants.
#include "ledger/exchange/seal_key_json.h"

#include <gtest/gtest.h>

#include "ledger/values/digest.h"
#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

TEST(SealKeyJson, IsReadAsItWasWritten) {
  const TenantKey key{SealKey::random(), examples::scope()};
  const std::string line = seal_key_to_json(key);
  EXPECT_TRUE(is_seal_key_line(line)) << line;
  const Result<TenantKey> read = seal_key_from_json(line);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->key.id, key.key.id);
  EXPECT_EQ(read->key.key.bytes, key.key.key.bytes);
  EXPECT_EQ(read->scope, key.scope);
}

TEST(SealKeyJson, OfAnotherFormIsRefusedWithoutRepeatingIt) {
  const std::string line = seal_key_to_json({SealKey::random(), examples::scope()});
  const std::string hex = line.substr(line.find("\"seal_key\":\"") + 12, 64);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = line;
    return other.replace(other.find(from), from.size(), to);
  };
  for (const std::string& wrong :
       {changed(hex, hex.substr(1)), changed("\"key\":\"", "\"key\":\"0"), changed("seal-key", "seal-keys"),
        changed("workspace_id", "workspace"), changed("}", ",\"more\":1}"), line.substr(0, 30), std::string()}) {
    const Result<TenantKey> read = seal_key_from_json(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.rejection().code, "seal_key.malformed");
    EXPECT_EQ(read.rejection().detail.str().find(hex.substr(1)), std::string::npos);
  }
  EXPECT_FALSE(is_seal_key_line(R"({"sequence":1})"));
}

}  // namespace
}  // namespace runledger
