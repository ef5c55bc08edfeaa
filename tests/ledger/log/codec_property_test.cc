// Tests that every encoded value decodes to itself, and that all other bytes are refused as damage.
#include "ledger/log/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/exchange/envelope_json.h"
#include "ledger/log/state_codec.h"
#include "tests/fixtures/models/arbitrary.h"
#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

// As decode(), for an event at the first position.
Envelope decode_first(std::string_view stored) {
  return decode(Sequence{1}, stored);
}

// Decodes arbitrary bytes, and returns whether they were refused as damage. Any other failure fails the test.
template <class Decode>
bool is_refused(const Decode& decode_bytes, const std::string& bytes) {
  const std::string code = failure_of([&] { return decode_bytes(bytes); }).code;
  RC_ASSERT(code.empty() || code == "storage.damaged");
  return !code.empty();
}

// Damage can make of an event what is reserved for later versions.
bool is_event_refused(const std::string& bytes) {
  const std::string code = failure_of([&] { return decode_first(bytes); }).code;
  RC_ASSERT(code.empty() || code == "storage.damaged" || code == "ledger.format_newer");
  return !code.empty();
}

// Returns `bytes` with one flipped bit, or with some bytes overwritten.
std::string damaged(std::string bytes) {
  const std::size_t at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  if (*rc::gen::arbitrary<bool>()) {
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << *rc::gen::inRange(0, 8)));
  } else {
    for (std::size_t i = at; i < std::min(bytes.size(), at + 8); ++i) bytes[i] = *rc::gen::arbitrary<char>();
  }
  return bytes;
}

RC_GTEST_PROP(CodecProperty, AnEnvelopeComesBackAsItWas, ()) {
  const Envelope envelope = *arbitrary::envelope();
  RC_ASSERT(decode(envelope.sequence, encode(envelope)) == envelope);
}

RC_GTEST_PROP(CodecProperty, StoredBytesAreMadeAgainExactly, ()) {
  const std::string stored = encode(*arbitrary::envelope());
  RC_ASSERT(encode(decode_first(stored)) == stored);
}

RC_GTEST_PROP(CodecProperty, UnalignedBytesDecodeAsWell, ()) {
  const RunState run = *arbitrary::run_state();
  const auto shift = *rc::gen::inRange<std::size_t>(1, 8);
  const std::string shifted = std::string(shift, '!') + encode_run(run);
  RC_ASSERT(decode_run(std::string_view(shifted).substr(shift)) == run);
}

RC_GTEST_PROP(CodecProperty, ACutEnvelopeIsRefused, ()) {
  const std::string stored = encode(*arbitrary::envelope());
  RC_ASSERT(is_event_refused(stored.substr(0, *rc::gen::inRange<std::size_t>(0, stored.size()))));
}

RC_GTEST_PROP(CodecProperty, ADamagedEnvelopeIsRefusedOrAnother, ()) {
  const Envelope envelope = *arbitrary::envelope();
  const std::string bytes = damaged(encode(envelope));
  if (bytes == encode(envelope) || is_event_refused(bytes)) return;
  RC_ASSERT(event_id(bytes) != event_id(encode(envelope)));
  // Damage that does not change the meaning is recognised because the encoder would not write those bytes.
  if (decode(envelope.sequence, bytes) == envelope) RC_ASSERT(encode(decode_first(bytes)) != bytes);
}

RC_GTEST_PROP(CodecProperty, RandomBytesAreNeverACrash, ()) {
  const auto bytes = *rc::gen::arbitrary<std::string>();
  is_event_refused(bytes);
  is_refused(decode_run, bytes);
  is_refused(decode_head, bytes);
}

RC_GTEST_PROP(CodecProperty, AnEnvelopeSurvivesJson, ()) {
  Envelope envelope = *arbitrary::envelope();
  const Result<Envelope> read = envelope_from_json(envelope_to_json(envelope));
  if (!read) RC_FAIL(read.rejection().code + ": " + read.rejection().detail.str());
  RC_ASSERT(*read == envelope);
}

RC_GTEST_PROP(CodecProperty, DamagedJsonIsRefused, ()) {
  const Envelope envelope = *arbitrary::envelope();
  const std::string line = envelope_to_json(envelope);
  // The id is a digest of everything but the position in the log, so a line that still reads can only have changed
  // there or in its form.
  Result<Envelope> read = envelope_from_json(damaged(line));
  if (!read) return;
  read->sequence = envelope.sequence;
  RC_ASSERT(envelope_to_json(*read) == line);
}

RC_GTEST_PROP(CodecProperty, ARunStateComesBackAsItWas, ()) {
  const RunState run = *arbitrary::run_state();
  RC_ASSERT(decode_run(encode_run(run)) == run);
  const std::string bytes = damaged(encode_run(run));
  is_refused(decode_run, bytes);
}

RC_GTEST_PROP(CodecProperty, AnIdentityStateComesBackAsItWas, ()) {
  const IdentityState identity = *arbitrary::identity_state();
  RC_ASSERT(decode_identity(encode_identity(identity)) == identity);
  is_refused(decode_identity, damaged(encode_identity(identity)));
}

RC_GTEST_PROP(CodecProperty, AnAnswerComesBackAsItWas, ()) {
  const CommandRecord record = *arbitrary::command_record();
  RC_ASSERT(decode_command(encode_command(record)) == record);
  is_refused(decode_command, damaged(encode_command(record)));
}

RC_GTEST_PROP(CodecProperty, AHeartbeatComesBackAsItWas, ()) {
  const LifeSign sign{*arbitrary::scope_sequence(),
                      {*arbitrary::time(), {*rc::gen::arbitrary<std::uint64_t>(), *arbitrary::duration()}}};
  const LifeSign read = decode_life_sign(encode_life_sign(sign));
  RC_ASSERT(read == sign);
}

RC_GTEST_PROP(CodecProperty, AHeadComesBackAsItWas, ()) {
  Head head{{}, *arbitrary::time(), {}};
  for (auto n = *rc::gen::inRange(0, 200); n > 0; --n) head.tree.append(std::to_string(n));
  head.sequence = Sequence{head.tree.size()};
  const Head read = decode_head(encode_head(head));
  RC_ASSERT(read.sequence == head.sequence);
  RC_ASSERT(read.recorded_at == head.recorded_at);
  RC_ASSERT(read.tree == head.tree);
  is_refused(decode_head, damaged(encode_head(head)));
}

}  // namespace
}  // namespace runledger
