// Signed notes, against a note that Go's package documents.
#include "ledger/evidence/signed_note.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

// From the examples of golang.org/x/mod/sumdb/note.
constexpr const char* kSecret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr const char* kVerifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr const char* kText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
const std::string kSignature =
    "\xE2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const std::string kNote = std::string(kText) + "\n" + kSignature;

NoteVerifier verifier() {
  return *NoteVerifier::parse(kVerifier);
}

TEST(SignedNote, IsTheOneThatGoMakes) {
  const std::optional<NoteSigner> signer = NoteSigner::parse(kSecret);
  ASSERT_TRUE(signer);
  EXPECT_EQ(signer->format(), kSecret);
  EXPECT_EQ(signer->verifier().format(), kVerifier);
  EXPECT_EQ(sign_note(kText, *signer), kNote);
  EXPECT_EQ(*open_note(kNote, verifier()), kText);
}

TEST(SignedNote, KeepsItsTextWhateverSignaturesOfOthersItHas) {
  const NoteSigner other{"other.example/log", Ed25519Key::random()};
  const NoteSigner namesake{"PeterNeumann", Ed25519Key::random()};
  std::string note = kNote;
  for (const NoteSigner& signer : {other, namesake}) {
    const std::string signed_too = sign_note(kText, signer);
    note += signed_too.substr(signed_too.rfind("\n\n") + 2);
  }
  EXPECT_EQ(*open_note(note, verifier()), kText);
  EXPECT_EQ(*open_note(note, other.verifier()), kText);
  EXPECT_EQ(code_of(open_note(kNote, other.verifier())), "note.unsigned");
  EXPECT_EQ(code_of(open_note(kNote, namesake.verifier())), "note.unsigned");
}

TEST(SignedNote, MayHaveEmptyLinesInItsText) {
  const NoteSigner signer = *NoteSigner::parse(kSecret);
  EXPECT_EQ(*open_note(sign_note("a\n\nb\n", signer), verifier()), "a\n\nb\n");
}

TEST(SignedNote, IsRefusedWhenItsTextOrItsSignatureChanged) {
  std::string other_text = kNote;
  other_text[0] = 'i';
  EXPECT_EQ(code_of(open_note(other_text, verifier())), "note.forged");
  EXPECT_EQ(code_of(open_note("more\n" + kNote, verifier())), "note.forged");
  std::string other_signature = kNote;
  other_signature[kNote.size() - 10] = 'A';
  EXPECT_EQ(code_of(open_note(other_signature, verifier())), "note.forged");
  EXPECT_EQ(code_of(open_note(kNote + other_signature.substr(other_signature.rfind("\n\n") + 2), verifier())),
            "note.forged")
      << "one good and one bad signature of the key";
}

TEST(SignedNote, OfAnotherFormIsRefused) {
  const std::string text = kText;
  std::string many = kNote;
  for (int i = 0; i < 100; ++i) many += kSignature;
  const std::string forms[] = {"",
                               "\n",
                               "\n\n",
                               text,
                               text + "\n",
                               text + kSignature,
                               kNote + "\n",
                               kNote + "x",
                               kNote.substr(0, kNote.size() - 1),
                               text + "\n" + kSignature + "- PeterNeumann AAAAAAAA\n",
                               text + "\n\xE2\x80\x94 PeterNeumann\n",
                               text + "\n\xE2\x80\x94  AAAAAAAA\n",
                               text + "\n\xE2\x80\x94 PeterNeumann AAAA\n",
                               text + "\n\xE2\x80\x94 PeterNeumann !\n",
                               "a\tb\n\n" + kSignature,
                               "a\xFF\n\n" + kSignature,
                               many,
                               std::string(kNoteBytesMax, 'x') + "\n\n" + kSignature};
  for (const std::string& note : forms) EXPECT_EQ(code_of(open_note(note, verifier())), "note.malformed") << note;
}

TEST(VerifierKey, IsReadInOneFormOnly) {
  const std::string key = kVerifier;
  const std::string texts[] = {std::string(),
                               std::string("+"),
                               std::string("a+b+c"),
                               key + "=",
                               key.substr(1),
                               "x" + key,
                               key + "\n",
                               "PeterNeumann+C74F20A3" + key.substr(21),
                               "PeterNeumann+c74f20a4" + key.substr(21),
                               "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"};
  for (const std::string& text : texts) EXPECT_EQ(code_of(NoteVerifier::parse(text)), "key.invalid") << text;
  const std::string secret = kSecret;
  EXPECT_FALSE(NoteSigner::parse(key));
  EXPECT_FALSE(NoteSigner::parse(secret + "\n"));
  EXPECT_FALSE(NoteSigner::parse(secret.substr(0, secret.size() - 4)));
}

TEST(VerifierKey, HasANameWithoutBlanksAndPlusSigns) {
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a+b"), std::string("a\n"),
                                  std::string("\xC3\xA9"), std::string(201, 'x')})
    EXPECT_EQ(code_of(parse_key_name(name)), "origin.invalid") << name;
  EXPECT_EQ(*parse_key_name("example.org/runs"), "example.org/runs");
}

}  // namespace
}  // namespace runledger
