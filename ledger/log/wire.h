// Cap'n Proto messages as they are stored: one canonical segment, plain or packed (ledger/log/packing.h).
//
// Only the codecs include this file; no other code sees wire types. Any thread may call these functions. Those that
// read throw Failure "storage.damaged" for bytes that no version of the program has written.
#pragma once

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/big_endian.h"
#include "ledger/base/damage.h"
#include "ledger/log/packing.h"
#include "ledger/rules/event.h"
#include "ledger/values/caller.h"
#include "ledger/values/digest.h"
#include "ledger/values/labels.h"
#include "ledger/values/policy.h"
#include "ledger/values/traceparent.h"
#include "ledger/values/uuid.h"
#include "schema/event.capnp.h"

namespace runledger::stored {

// The largest message that is read. It is more than the largest value that the ledger writes: an event with a full
// input and full failure texts, or a run with all its attempts.
inline constexpr std::size_t kBytesMax = 1024 * 1024;

// Returns the canonical form of a message: equal content gives equal words, whichever program wrote them
// (capnproto.org/encoding.html). The next call in this thread overwrites them.
template <class Builder>
[[nodiscard]] kj::ArrayPtr<const capnp::word> canonical_words(Builder root) {
  // This does the same as capnp::canonicalize(), but saves its two allocations per message and its check of the result.
  thread_local std::vector<std::uint64_t> buffer;
  buffer.assign(root.asReader().totalSize().wordCount + 1, 0);  // One word points to the root.
  capnp::FlatMessageBuilder message(kj::arrayPtr(reinterpret_cast<capnp::word*>(buffer.data()), buffer.size()));
  message.getRoot<capnp::AnyPointer>().setCanonicalAs<capnp::FromBuilder<Builder>>(root.asReader());
  return message.getSegmentsForOutput()[0];
}

template <class Builder>
[[nodiscard]] std::string canonical_bytes(Builder root) {
  const auto bytes = canonical_words(root).asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

// Returns the canonical form, packed (ledger/log/packing.h).
template <class Builder>
[[nodiscard]] std::string packed_bytes(Builder root) {
  const kj::ArrayPtr<const capnp::word> words = canonical_words(root);
  return pack({reinterpret_cast<const std::uint64_t*>(words.begin()), words.size()});
}

// Returns `bytes` as words: in place if RocksDB happened to align them, else in a buffer of this thread that the next
// call overwrites.
[[nodiscard]] inline kj::ArrayPtr<const capnp::word> aligned_words(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0 || bytes.size() > bytes_max) {
    throw_damaged("a stored message has an impossible length");
  }
  const std::size_t count = bytes.size() / sizeof(capnp::word);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0) {
    return {reinterpret_cast<const capnp::word*>(bytes.data()), count};
  }
  thread_local std::vector<std::uint64_t> copy;
  if (copy.size() < count) copy.resize(count);
  std::memcpy(copy.data(), bytes.data(), bytes.size());
  return {reinterpret_cast<const capnp::word*>(copy.data()), count};
}

// Calls `read` with the root of the message, and returns its result. Throws "storage.damaged" when the words are no
// message. Must not be called from within `read`.
template <class Root, class Read>
[[nodiscard]] auto read_words(kj::ArrayPtr<const capnp::word> words, const Read& read) {
  const kj::ArrayPtr<const capnp::word> segments[] = {words};
  capnp::ReaderOptions limits;
  // The codecs read nothing twice. The limit stops a damaged message whose pointers share targets.
  limits.traversalLimitInWords = 2 * words.size() + 16;
  limits.nestingLimit = 8;
  try {
    capnp::SegmentArrayMessageReader message(segments, limits);
    return read(message.getRoot<Root>());
  } catch (const kj::Exception& broken) {
    throw_damaged(std::string("a stored message is broken: ") + broken.getDescription().cStr());
  }
}

// Does the same for the bytes of canonical_bytes(), of which there must not be more than `bytes_max`.
template <class Root, class Read>
[[nodiscard]] auto read_message(std::string_view bytes, const Read& read, std::size_t bytes_max = kBytesMax) {
  return read_words<Root>(aligned_words(bytes, bytes_max), read);
}

// Does the same for the bytes of packed_bytes().
template <class Root, class Read>
[[nodiscard]] auto read_packed(std::string_view bytes, const Read& read) {
  thread_local std::vector<std::uint64_t> buffer;
  const std::span<const std::uint64_t> words = unpack(bytes, buffer, kBytesMax / sizeof(capnp::word));
  return read_words<Root>({reinterpret_cast<const capnp::word*>(words.data()), words.size()}, read);
}

// Does the same for a message inside of one that is being read: it may be called from within `read` of read_packed().
template <class Root, class Read>
auto read_packed_within(std::string_view bytes, const Read& read) {
  thread_local std::vector<std::uint64_t> buffer;
  const std::span<const std::uint64_t> words = unpack(bytes, buffer, kBytesMax / sizeof(capnp::word));
  return read_words<Root>({reinterpret_cast<const capnp::word*>(words.data()), words.size()}, read);
}

[[nodiscard]] inline std::string to_string(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}

[[nodiscard]] inline capnp::Text::Reader to_text(const std::string& text) {
  return {text.c_str(), text.size()};
}

// Returns word `index` of a UUID or digest, which is stored as big-endian words. uuid_of(), digest_of() and
// identity_of() are the reverse.
template <class Bytes>
[[nodiscard]] std::uint64_t word_of(const Bytes& bytes, std::size_t index) {
  return load_big_endian_64(&bytes[8 * index]);
}

template <class Tag>
[[nodiscard]] UuidName<Tag> uuid_of(std::uint64_t word0, std::uint64_t word1) {
  UuidName<Tag> id;
  store_big_endian(word0, &id.value.bytes[0]);
  store_big_endian(word1, &id.value.bytes[8]);
  return id;
}

[[nodiscard]] inline ContentDigest digest_of(std::uint64_t word0, std::uint64_t word1) {
  ContentDigest digest;
  store_big_endian(word0, digest.bytes.data());
  store_big_endian(word1, &digest.bytes[8]);
  return digest;
}

[[nodiscard]] inline Identity identity_of(std::uint64_t word0, std::uint64_t word1, std::uint64_t word2,
                                          std::uint64_t word3) {
  Identity identity;
  store_big_endian(word0, identity.digest.bytes.data());
  store_big_endian(word1, &identity.digest.bytes[8]);
  store_big_endian(word2, &identity.digest.bytes[16]);
  store_big_endian(word3, &identity.digest.bytes[24]);
  return identity;
}

// Requires that both enumerations have the same numbers; the codecs assert it for each.
template <class Wire, class Value>
[[nodiscard]] constexpr Wire enum_to_wire(Value value) {
  return static_cast<Wire>(static_cast<std::uint16_t>(value));
}

// `last` is the greatest value that this program knows; a greater one throws "storage.damaged".
template <class Value, class Wire>
[[nodiscard]] Value enum_from_wire(Wire wire, Value last) {
  const auto number = static_cast<std::uint16_t>(wire);
  if (number > static_cast<std::uint16_t>(last)) throw_damaged("a stored message has a value that no version has used");
  return static_cast<Value>(number);
}

// A policy is part of a Requested event and of a run's state.
void write_policy(wire::Policy::Builder out, const Policy& policy);
[[nodiscard]] Policy read_policy(wire::Policy::Reader in);

// Labels are part of a Requested event and of a run's row. `out` must have as many elements as there are labels.
void write_labels(capnp::List<wire::Label>::Builder out, const Labels& labels);
[[nodiscard]] Labels read_labels(capnp::List<wire::Label>::Reader in, FromLog from_log);

// Counts are part of an AttemptFinished event and of a life sign. `out` must have as many elements as there are counts.
void write_counts(capnp::List<wire::Count>::Builder out, const Counts& counts);
[[nodiscard]] Counts read_counts(capnp::List<wire::Count>::Reader in, FromLog from_log);

// Requires 25 bytes.
[[nodiscard]] Traceparent read_traceparent(capnp::Data::Reader in);

// An event and a row have a caller in fields of the same names.
template <class Builder>
void write_caller(Builder out, const Caller& caller) {
  out.setCallerKind(enum_to_wire<wire::CallerKind>(caller.kind));
  out.setCallerUid(caller.uid);
  if (!caller.is_token()) return;
  out.setCallerToken0(word_of(caller.token.value.bytes, 0));
  out.setCallerToken1(word_of(caller.token.value.bytes, 1));
}
template <class Reader>
[[nodiscard]] Caller read_caller(Reader in) {
  return {.kind = enum_from_wire(in.getCallerKind(), CallerKind::kHidden),
          .uid = in.getCallerUid(),
          .token = uuid_of<TokenTag>(in.getCallerToken0(), in.getCallerToken1())};
}

}  // namespace runledger::stored
