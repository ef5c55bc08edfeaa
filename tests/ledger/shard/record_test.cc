// The stored form of records: what is read is what was written, and nothing else passes for it.
#include "ledger/shard/record.h"

#include <gtest/gtest.h>

#include <capnp/message.h>

#include "ledger/base/failure.h"
#include "ledger/log/wire.h"
#include "ledger/values/sha256.h"
#include "schema/shard.capnp.h"

namespace runledger {
namespace {

Uuid uuid(unsigned char first) {
  Uuid value;
  value.bytes.fill(first);
  return value;
}

const ShardOwner kOwner{Epoch{7}, Nonce{uuid(0x5a)}};

std::vector<ShardRecord> examples_of_every_kind() {
  ShardCommit commit{.owner = kOwner, .number = 3, .first = Sequence{42}, .root_before = sha256({"root"})};
  commit.events = {"one event", std::string("\0 and another", 13)};
  commit.answers = {{CommandId{uuid(0x11)}, "an answer"}};
  return {ShardFence{kOwner, {LedgerId{uuid(0x22)}, 9}, "node-a", "tls:node-a:7400"}, ShardAlive{kOwner},
          ShardResigned{kOwner}, commit};
}

std::string code_of(const std::string& stored) {
  try {
    (void)decode_shard_record(stored);
  } catch (const Failure& failure) {
    return failure.code();
  }
  return {};
}

TEST(ShardRecordForm, GivesBackEveryKindAsItWas) {
  for (const ShardRecord& record : examples_of_every_kind()) {
    EXPECT_EQ(decode_shard_record(encode_shard_record(record)), record);
    EXPECT_EQ(owner_of(record), kOwner);
  }
}

TEST(ShardRecordForm, HasTheBytesThatEveryVersionMustRead) {
  const std::string stored = encode_shard_record(ShardAlive{kOwner});
  EXPECT_EQ(format_hex(stored),
            "524c53484152440a74f37c13947cf747"  // Mark and checksum.
            "0000000004000000"                  // A struct of four words.
            "01000100000000000700000000000000"  // Format 1, kind 1, epoch 7.
            "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
}

TEST(ShardRecordForm, TakesNoMoreBytesThanItsBound) {
  for (const std::size_t size : {0U, 1U, 8U, 9U, 1000U}) {
    for (const std::size_t count : {0U, 1U, 2U, 100U}) {
      ShardCommit commit{.owner = kOwner, .number = ~0ULL, .first = Sequence{~0ULL}, .root_before = sha256({"root"})};
      commit.events.assign(count, std::string(size, 'x'));
      commit.answers.assign(count, {CommandId{uuid(0x11)}, std::string(size, 'x')});
      const std::size_t bytes = encode_shard_record(commit).size();
      EXPECT_LE(bytes, commit_bytes_max(commit.events, commit.answers));
      EXPECT_GE(bytes + 256, commit_bytes_max(commit.events, commit.answers));
    }
  }
}

TEST(ShardRecordForm, PassesOverWhatBearsNoMark) {
  for (const std::string& foreign : {std::string("{}"), std::string(40, '\0'), std::string("RLSHARD")}) {
    EXPECT_EQ(decode_shard_record(foreign), std::nullopt);
  }
}

TEST(ShardRecordForm, FindsEveryChangedByte) {
  for (const ShardRecord& record : examples_of_every_kind()) {
    const std::string stored = encode_shard_record(record);
    for (std::size_t i = 8; i < stored.size(); ++i) {  // Without the mark, the bytes are foreign.
      std::string changed = stored;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_EQ(code_of(changed), "engine.damaged") << i;
    }
  }
}

TEST(ShardRecordForm, FindsEveryMissingByte) {
  const std::string stored = encode_shard_record(examples_of_every_kind().back());
  for (std::size_t size = 8; size < stored.size(); ++size) {
    EXPECT_EQ(code_of(stored.substr(0, size)), "engine.damaged") << size;
  }
}

std::string framed(const std::string& content) {
  return "RLSHARD\n" + std::string(bytes_of(sha256({content})).substr(0, 8)) + content;
}

TEST(ShardRecordForm, OfANewerVersionIsNeverPassedOver) {
  capnp::MallocMessageBuilder message;
  auto record = message.initRoot<wire::ShardRecord>();
  record.setFormat(2);
  EXPECT_EQ(code_of(framed(stored::canonical_bytes(record))), "ledger.format_newer");
}

TEST(ShardRecordForm, RefusesContentThatIsNoMessage) {
  EXPECT_EQ(code_of(framed("")), "engine.damaged");
  EXPECT_EQ(code_of(framed(std::string(64, '\xff'))), "engine.damaged");
}

}  // namespace
}  // namespace runledger
