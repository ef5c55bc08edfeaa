// Records to and from their frame and their canonical Cap'n Proto bytes.
//
// The log is not ours alone: whoever may write to the topic or the table can add anything. Bytes without the mark are
// foreign, and every reader passes them over. Bytes with the mark and another checksum are damage, at which a reader
// must stop: if it passed them over, it might tell the caller of a damaged commit that nothing was done.
#include "ledger/shard/record.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/failure.h"
#include "ledger/log/wire.h"
#include "ledger/values/sha256.h"
#include "schema/shard.capnp.h"

namespace runledger {
namespace {

using stored::uuid_of;
using stored::word_of;

constexpr std::string_view kMark = "RLSHARD\n";
constexpr std::size_t kChecksumBytes = 8;  // Of a SHA-256; the frame is 16 bytes.
constexpr std::uint16_t kFormat = 1;

[[noreturn]] void throw_broken(std::string_view found) {
  throw Failure(Remedy::kDamageFound, "engine.damaged",
                fmt::format("the log of a shard: expected a record as it was written, found {}", found));
}

std::string checksum_of(std::string_view content) {
  return std::string(bytes_of(sha256({content})).substr(0, kChecksumBytes));
}

capnp::Data::Reader to_data(std::string_view bytes) {
  return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

std::string to_bytes(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

// Writes what is particular to a kind of record.
class KindWriter {
 public:
  explicit KindWriter(wire::ShardRecord::Builder out) : out_(out) {}

  void operator()(const ShardFence& fence) {
    auto out = out_.getKind().initFence();
    out.setLedger0(word_of(fence.shard.ledger.value.bytes, 0));
    out.setLedger1(word_of(fence.shard.ledger.value.bytes, 1));
    out.setShard(fence.shard.number);
    out.setNode(stored::to_text(fence.node));
    out.setAddress(stored::to_text(fence.address));
  }
  void operator()(const ShardAlive&) { out_.getKind().setAlive(); }
  void operator()(const ShardResigned&) { out_.getKind().setResigned(); }
  void operator()(const ShardCommit& commit) {
    auto out = out_.getKind().initCommit();
    out.setNumber(commit.number);
    out.setFirst(commit.first.value);
    out.setRootBefore(to_data(bytes_of(commit.root_before)));
    auto events = out.initEvents(static_cast<unsigned>(commit.events.size()));
    for (unsigned i = 0; i < events.size(); ++i) events.set(i, to_data(commit.events[i]));
    auto answers = out.initAnswers(static_cast<unsigned>(commit.answers.size()));
    for (unsigned i = 0; i < answers.size(); ++i) {
      answers[i].setCommand0(word_of(commit.answers[i].command.value.bytes, 0));
      answers[i].setCommand1(word_of(commit.answers[i].command.value.bytes, 1));
      answers[i].setRecord(to_data(commit.answers[i].stored));
    }
  }

 private:
  wire::ShardRecord::Builder out_;
};

ShardFence read_fence(const ShardOwner& owner, wire::ShardFence::Reader in) {
  return {.owner = owner,
          .shard = {.ledger = uuid_of<LedgerTag>(in.getLedger0(), in.getLedger1()), .number = in.getShard()},
          .node = stored::to_string(in.getNode()),
          .address = stored::to_string(in.getAddress())};
}

ShardCommit read_commit(const ShardOwner& owner, wire::ShardCommit::Reader in) {
  ShardCommit commit;
  commit.owner = owner;
  commit.number = in.getNumber();
  commit.first = Sequence{in.getFirst()};
  const auto root = in.getRootBefore();
  if (root.size() != commit.root_before.bytes.size()) throw_broken("a root of another length");
  std::copy(root.begin(), root.end(), commit.root_before.bytes.begin());
  for (const auto event : in.getEvents()) commit.events.push_back(to_bytes(event));
  for (const auto answer : in.getAnswers()) {
    commit.answers.push_back(
        {uuid_of<CommandTag>(answer.getCommand0(), answer.getCommand1()), to_bytes(answer.getRecord())});
  }
  return commit;
}

ShardRecord read_record(wire::ShardRecord::Reader in) {
  if (in.getFormat() > kFormat) {
    throw Failure(Remedy::kCallOperator, "ledger.format_newer",
                  fmt::format("the log of a shard: expected records of format {} at most, found format {}, which a "
                              "newer version wrote: use a newer version of this program",
                              kFormat, in.getFormat()));
  }
  const ShardOwner owner{Epoch{in.getEpoch()}, uuid_of<NonceTag>(in.getNonce0(), in.getNonce1())};
  switch (in.getKind().which()) {
    case wire::ShardRecord::Kind::FENCE:
      return read_fence(owner, in.getKind().getFence());
    case wire::ShardRecord::Kind::ALIVE:
      return ShardAlive{owner};
    case wire::ShardRecord::Kind::RESIGNED:
      return ShardResigned{owner};
    case wire::ShardRecord::Kind::COMMIT:
      return read_commit(owner, in.getKind().getCommit());
  }
  throw_broken("a kind that no version has used");
}

}  // namespace

const ShardOwner& owner_of(const ShardRecord& record) {
  return std::visit([](const auto& each) -> const ShardOwner& { return each.owner; }, record);
}

std::string encode_shard_record(const ShardRecord& record) {
  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<wire::ShardRecord>();
  const ShardOwner& owner = owner_of(record);
  out.setFormat(kFormat);
  out.setEpoch(owner.epoch.value);
  out.setNonce0(word_of(owner.nonce.value.bytes, 0));
  out.setNonce1(word_of(owner.nonce.value.bytes, 1));
  std::visit(KindWriter(out), record);
  const std::string content = stored::canonical_bytes(out);
  return std::string(kMark) + checksum_of(content) + content;
}

std::size_t commit_bytes_max(const std::vector<std::string>& events, const std::vector<ShardAnswer>& answers) {
  constexpr std::size_t kWord = sizeof(capnp::word);
  constexpr std::size_t kFixed = 256;  // Frame, pointers, the numbers of the record and the commit, the root.
  const auto padded = [](const std::string& bytes) { return (bytes.size() + kWord - 1) / kWord * kWord; };
  std::size_t bytes = kFixed;
  for (const std::string& event : events) bytes += kWord + padded(event);  // A pointer, and the bytes.
  for (const ShardAnswer& answer : answers) bytes += 3 * kWord + padded(answer.stored);
  return bytes;
}

std::optional<ShardRecord> decode_shard_record(std::string_view stored) {
  if (!stored.starts_with(kMark)) return std::nullopt;
  stored.remove_prefix(kMark.size());
  if (stored.size() < kChecksumBytes) throw_broken("one that ends too early");
  const std::string_view content = stored.substr(kChecksumBytes);
  if (stored.substr(0, kChecksumBytes) != checksum_of(content)) throw_broken("another checksum");
  try {
    return stored::read_message<wire::ShardRecord>(content, &read_record);
  } catch (const Damaged& broken) {
    throw_broken(broken.found());
  }
}

}  // namespace runledger
