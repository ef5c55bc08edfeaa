// Events whose content is sealed: their stored form, and what is read of them with and without the key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/base/failure.h"
#include "ledger/log/codec.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

class SealedEvent : public testing::Test {
 protected:
  SealedEvent() {
    SealKeyFile::create(directory.path(), MasterKeyFile{kSealMasterFile});
    keys.emplace(directory.path(), SealKeyFile::Access::kWrite);
    key = keys->make(examples::scope());
  }

  static Envelope event_of(const std::string& message) {
    Envelope envelope;
    envelope.sequence = Sequence{7};
    envelope.run = examples::run_id(1);
    envelope.run_version = RunVersion{3};
    envelope.scope = examples::scope();
    envelope.scope_sequence = ScopeSequence{3};
    envelope.event = RunFailed{.reason_code = examples::reason("demo.broken"),
                               .failures = {{examples::reason("demo.broken"), sanitize(message)}},
                               .outcome = RunOutcome::kFailed,
                               .digest = {},
                               .initiator = sanitize("ann")};
    return envelope;
  }

  TemporaryDirectory directory;
  std::optional<SealKeys> keys;
  SealKey key;
};

TEST_F(SealedEvent, IsReadWithTheKeyAndEncodesToTheSameBytes) {
  const Envelope envelope = event_of("the disk was full");
  const std::string stored = encode_sealed(envelope, key);
  EXPECT_EQ(stored.find("disk"), std::string::npos);
  EXPECT_EQ(stored.find("ann"), std::string::npos);
  const Envelope read = decode(envelope.sequence, stored, &*keys);
  EXPECT_EQ(read.event, envelope.event);
  EXPECT_TRUE(read.sealed.is_readable);
  EXPECT_EQ(encode(read), stored) << "proofs and ids are over these bytes";
  EXPECT_NE(encode_sealed(envelope, key), stored) << "the nonce is random";
}

TEST_F(SealedEvent, WithoutItsKeyHasFactsOnly) {
  const std::string stored = encode_sealed(event_of("the disk was full"), key);
  const auto expect_facts = [&](const Envelope& read) {
    EXPECT_FALSE(read.sealed.is_readable);
    const auto& failed = std::get<RunFailed>(read.event);
    EXPECT_EQ(failed.reason_code.str(), "demo.broken");
    ASSERT_EQ(failed.failures.size(), 1U);
    EXPECT_EQ(failed.failures.front().message.str(), "");
    EXPECT_EQ(failed.initiator, std::nullopt);
    EXPECT_EQ(encode(read), stored);
  };
  expect_facts(decode(Sequence{7}, stored));
  keys->retire({key.id});
  expect_facts(decode(Sequence{7}, stored, &*keys));
}

TEST_F(SealedEvent, HasNothingSealedIfItHasNoContent) {
  Envelope envelope = event_of("");
  std::get<RunFailed>(envelope.event).initiator.reset();
  EXPECT_FALSE(has_content(envelope));
  EXPECT_EQ(encode_sealed(envelope, key), encode(envelope));
}

TEST_F(SealedEvent, OpensAsThatOfNoOtherEvent) {
  Envelope sealed = decode(Sequence{7}, encode_sealed(event_of("the disk was full"), key), &*keys);
  sealed.run_version = RunVersion{4};
  EXPECT_THROW((void)decode(Sequence{7}, encode(sealed), &*keys), Failure);
  sealed.run_version = RunVersion{3};
  EXPECT_NO_THROW((void)decode(Sequence{7}, encode(sealed), &*keys));
  sealed.scope.tenant = examples::tenant("other");
  EXPECT_THROW((void)decode(Sequence{7}, encode(sealed), &*keys), Failure);
}

TEST_F(SealedEvent, IsSentWithItsContentToProgramsWithoutKeys) {
  const Envelope envelope = event_of("the disk was full");
  const std::string stored = encode_sealed(envelope, key);
  const Envelope read = decode(envelope.sequence, stored, &*keys);
  const Envelope received = decode(envelope.sequence, encode_opened(read));
  EXPECT_EQ(received, read);
  EXPECT_EQ(encode(received), stored);
  const Envelope unreadable = decode(envelope.sequence, stored);
  EXPECT_EQ(decode(envelope.sequence, encode_opened(unreadable)), unreadable);
}

TEST_F(SealedEvent, OfALaterFormIsNotCalledDamage) {
  Envelope sealed = decode(Sequence{7}, encode_sealed(event_of("the disk was full"), key), &*keys);
  sealed.sealed.bytes[0] = 9;
  try {
    (void)decode(Sequence{7}, encode(sealed), &*keys);
    ADD_FAILURE();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), "ledger.format_newer");
  }
}

}  // namespace
}  // namespace runledger
