// The line of a checkpoint that names erased keys.
#include "ledger/evidence/erased_keys.h"

#include <gtest/gtest.h>

#include "ledger/evidence/checkpoint.h"

namespace runledger {
namespace {

LedgerEvents erasures(std::uint64_t count) {
  LedgerEvents events;
  for (std::uint64_t n = 1; n <= count; ++n) {
    Envelope envelope = next_ledger_event(events);
    envelope.sequence = Sequence{10 * n};
    Erased erased;
    erased.keys = {n};
    envelope.event = erased;
    events.add(envelope);
  }
  return events;
}

std::string signed_with(const std::string& line, const NoteSigner& signer) {
  return sign_note("runledger/test\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" + line, signer);
}

TEST(ErasedKeys, AreThoseOfTheEventsUpToAPosition) {
  const LedgerEvents events = erasures(3);
  EXPECT_EQ(erased_keys(events, Sequence{9}), ErasedKeys());
  EXPECT_EQ(erased_keys(events, Sequence{20}), (ErasedKeys{.total = 2, .newest = {{1}, {2}}}));
  EXPECT_EQ(all_erased_keys(events, Sequence{30}), (std::vector<SealKeyId>{{1}, {2}, {3}}));
}

TEST(ErasedKeys, NameTheNewestWhereThereAreMany) {
  const ErasedKeys keys = erased_keys(erasures(300), Sequence{3000});
  EXPECT_EQ(keys.total, 300U);
  ASSERT_EQ(keys.newest.size(), kErasedKeysNamedMax);
  EXPECT_EQ(keys.newest.front(), SealKeyId{45});
  EXPECT_EQ(keys.newest.back(), SealKeyId{300});
  EXPECT_EQ(parse_erased_keys(format_erased_keys(keys)), keys);
}

TEST(ErasedKeys, HaveOneFormOnly) {
  EXPECT_EQ(format_erased_keys({.total = 1, .newest = {{1}}}), "1 AAAAAAAAAAE=");
  for (const char* text : {"", "1", "1 ", "0 ", "01 AAAAAAAAAAE=", "2 AAAAAAAAAAE=", "1 AAAAAAAAAAF=", "1 AAAAAAAAAAE",
                           "1  AAAAAAAAAAE=", "1 AAAAAAAAAAE= ", "300 AAAAAAAAAAE=", "-1 AAAAAAAAAAE="})
    EXPECT_EQ(parse_erased_keys(text), std::nullopt) << text;
}

TEST(ErasedKeys, AreALineOfACheckpoint) {
  const NoteSigner signer{"runledger/test", Ed25519Key::random()};
  const NoteVerifier verifier = signer.verifier();
  const ErasedKeys keys{.total = 2, .newest = {{7}, {8}}};
  const std::string note = sign_checkpoint({5, {}}, signer, {}, keys);
  EXPECT_NE(note.find("\nrunledger/erased 2 AAAAAAAAAAcAAAAAAAAACA==\n"), std::string::npos) << note;
  EXPECT_EQ(open_checkpoint(note, verifier)->erased, keys);
  EXPECT_EQ(sign_checkpoint({5, {}}, signer).find("erased"), std::string::npos);
  EXPECT_EQ(open_checkpoint(signed_with("", signer), verifier)->erased, std::nullopt) << "as before";
  const std::string line = "runledger/erased 1 AAAAAAAAAAE=\n";
  EXPECT_TRUE(open_checkpoint(signed_with("x 1\n" + line + "y\n", signer), verifier)->erased);
  for (const std::string& wrong : {line + line, std::string("runledger/erased 1\n")})
    EXPECT_EQ(open_checkpoint(signed_with(wrong, signer), verifier).rejection().code, "checkpoint.malformed") << wrong;
}

}  // namespace
}  // namespace runledger
