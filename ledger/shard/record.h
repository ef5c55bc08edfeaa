// The records in the log of a shard, and their stored form (docs/cluster.md).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/values/digest.h"
#include "ledger/values/sequence.h"
#include "ledger/values/uuid.h"

namespace runledger {

// The number of a leadership; greater than that of every leader before. Zero: no node has led yet.
struct Epoch {
  std::uint64_t value = 0;
  friend auto operator<=>(const Epoch&, const Epoch&) = default;
  [[nodiscard]] Epoch next() const { return Epoch{value + 1}; }
};

// A random number that tells two bids for the same epoch apart.
using Nonce = UuidName<struct NonceTag>;

// One leadership of one node, or its bid for it.
struct ShardOwner {
  Epoch epoch;
  Nonce nonce;
  friend bool operator==(const ShardOwner&, const ShardOwner&) = default;
};

// A shard of a ledger.
struct ShardId {
  LedgerId ledger;
  std::uint32_t number = 0;
  friend bool operator==(const ShardId&, const ShardId&) = default;
};

// A bid for the leadership. It takes effect if its epoch is greater than that of the fence before it.
struct ShardFence {
  ShardOwner owner;
  ShardId shard;
  std::string node;  // For people and redirects; no rule depends on them.
  std::string address;
  friend bool operator==(const ShardFence&, const ShardFence&) = default;
};

// A sign of life from a leader that has had nothing to commit.
struct ShardAlive {
  ShardOwner owner;
  friend bool operator==(const ShardAlive&, const ShardAlive&) = default;
};

// The leader writes nothing more in its epoch, so that another node need not wait until it suspects it.
struct ShardResigned {
  ShardOwner owner;
  friend bool operator==(const ShardResigned&, const ShardResigned&) = default;
};

// The answer to a command, as it is stored (ledger/log/state_codec.h).
struct ShardAnswer {
  CommandId command;
  std::string stored;
  friend bool operator==(const ShardAnswer&, const ShardAnswer&) = default;
};

// A group commit: everything that the commands of the group have changed.
struct ShardCommit {
  ShardOwner owner;
  // Among the commits of the owner, from 1. It tells copies from other commits, which `first` does not: a commit of
  // answers alone has no event.
  std::uint64_t number = 0;
  Sequence first;                        // Of the first event; of the next one if there are none.
  Digest<32> root_before = {};           // Of the tree over the events before `first`.
  std::vector<std::string> events = {};  // Their stored bytes (ledger/log/codec.h), in order.
  std::vector<ShardAnswer> answers = {};
  friend bool operator==(const ShardCommit&, const ShardCommit&) = default;
};

using ShardRecord = std::variant<ShardFence, ShardAlive, ShardResigned, ShardCommit>;

// The largest stored record. A Kafka broker takes 1 MiB by default, and its own frame needs room in it.
inline constexpr std::size_t kShardRecordBytesMax = 896 * 1024;

// Returns the stored bytes: a frame of a mark and a checksum, then the canonical form of schema/shard.capnp. Equal
// records give equal bytes. They may be more than kShardRecordBytesMax, in which case no log takes them. Any thread may
// call it.
[[nodiscard]] std::string encode_shard_record(const ShardRecord& record);

// Returns how many bytes a commit of these takes at most, without encoding it.
[[nodiscard]] std::size_t commit_bytes_max(const std::vector<std::string>& events,
                                           const std::vector<ShardAnswer>& answers);

// The reverse of encode_shard_record(). Returns nullopt for bytes without the mark, which this program has not written.
// Throws Failure "engine.damaged" when the bytes have the mark and are not as they were written, and
// "ledger.format_newer" when a newer version wrote them. Any thread may call it.
[[nodiscard]] std::optional<ShardRecord> decode_shard_record(std::string_view stored);

// Returns the leadership that the record was written under.
[[nodiscard]] const ShardOwner& owner_of(const ShardRecord& record);

}  // namespace runledger
