// An exported event is read back as it was recorded, whatever the rules on texts are by then.
#include <gtest/gtest.h>

#include "ledger/exchange/envelope_json.h"
#include "ledger/log/codec.h"
#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

// The secrets stand for texts that an earlier version, whose rules did not know them yet, let pass. Each pair begins
// with the same eight bytes, because the packing of a stored event may put a count after the first word of a text.
constexpr std::string_view kPlainText = "password reset by Grace";
constexpr std::string_view kSecretText = "password=hunter2hunter2";
constexpr std::string_view kPlainName = "ghp_0123.is.a.name.of.40.characters.long";
constexpr std::string_view kSecretName = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
constexpr std::size_t kSameBytes = 8;

Envelope plain_event() {
  return {.sequence = Sequence{1},
          .run = examples::run_id(1),
          .run_version = RunVersion{1},
          .scope = {examples::workspace(), examples::tenant(kPlainName)},
          .scope_sequence = ScopeSequence{1},
          .previous = {},
          .recorded_at = examples::at(0),
          .occurred_at = std::nullopt,
          .origin = Origin::kLive,
          .command = std::nullopt,
          .event = Requested{.type = examples::type(),
                             .identity = {},
                             .fingerprint_version = 1,
                             .input = examples::input("{\"note\":\"" + std::string(kPlainText) + "\"}"),
                             .initiator = sanitize(kPlainText),
                             .policy = {},
                             .digest = {},
                             .forced = false,
                             .rerun_of = std::nullopt,
                             .ancestors = {},
                             .labels = {{*parse_label_key("note"), sanitize(kPlainText)}},
                             .traceparent = {}}};
}

void replace_all(std::string& bytes, std::string_view from, std::string_view to) {
  for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at))
    bytes.replace(at, from.size(), to);
}

TEST(ExportedEvents, WithTextsThatTodaysRulesWouldChangeAreReadAsTheyWereRecorded) {
  ASSERT_EQ(kPlainText.size(), kSecretText.size());
  ASSERT_EQ(kPlainName.size(), kSecretName.size());
  ASSERT_NE(sanitize(kSecretText).str(), kSecretText);
  ASSERT_FALSE(parse_tenant(kSecretName));
  std::string stored = encode(plain_event());
  replace_all(stored, kPlainText.substr(kSameBytes), kSecretText.substr(kSameBytes));
  replace_all(stored, kPlainName.substr(kSameBytes), kSecretName.substr(kSameBytes));
  const Envelope recorded = decode(Sequence{1}, stored);
  ASSERT_EQ(std::get<Requested>(recorded.event).initiator->str(), kSecretText);
  ASSERT_EQ(recorded.scope.tenant->str(), kSecretName);
  const Result<Envelope> read = envelope_from_json(envelope_to_json(recorded));
  ASSERT_TRUE(read) << read.rejection().detail.str();
  EXPECT_EQ(*read, recorded);
}

TEST(ExportedEvents, WithInvisibleCharactersAreRefused) {
  std::string line = envelope_to_json(plain_event());
  replace_all(line, kPlainText, "password \\u001b[31mreset");
  EXPECT_EQ(envelope_from_json(line).rejection().code, "event.malformed");
}

}  // namespace
}  // namespace runledger
