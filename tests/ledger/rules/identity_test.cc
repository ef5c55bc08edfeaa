// Compares the fingerprint with digests from another implementation, and tests what distinguishes two requests.
#include "ledger/rules/identity.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

// The bytes 0, 1, 2 … 31.
IdentityKey counting_key() {
  IdentityKey key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<unsigned char>(i);
  return key;
}

struct Request {
  IdentityKey key = counting_key();
  Scope scope = examples::scope();
  RunType type = examples::type();
  IdentityFields fields = {};
  RunInput input = examples::input("{}");
};

std::string identity_of(const Request& request) {
  return format_identity(fingerprint(request.key, request.scope, request.type, request.fields, request.input));
}

// Computed by Python's hmac over the layout that ledger/rules/identity.h describes.
TEST(Fingerprint, IsThatOfAnotherImplementation) {
  EXPECT_EQ(identity_of({}), "74bd1283155f76dce4723e50ad234817539951c632e1fda51ba0226e2b9a8953");
  EXPECT_EQ(identity_of({.input = examples::input(R"({"policy_type":"x","policy_ids":["p1","p2"]})")}),
            "efa7d6750ffbb9330a3e84fe1d92c05f62febf3a9dab07f8e29c84b07848fc72");
  EXPECT_EQ(identity_of({.scope = examples::workspace_scope(), .type = examples::type("ops.reconcile_adapter_runs")}),
            "466c7488776674633d5e3be27e16d5e15687bac4d7f872729f4f44d4ed0572d9");
  EXPECT_EQ(identity_of({.key = IdentityKey{}}), "15a9ebb1b883a69a0c54ebb4fbf32bc60192da0a57642a947ff6fdc1ab3753f7");
  EXPECT_EQ(identity_of({.input = examples::input("{\"name\":\"caf\u00e9\"}")}),
            "3bf161d7fff1414f72aedde090d1224eb999fc798b9c8ac088366dcb52f293b7");
}

// The ledger does not normalise Unicode: it takes the bytes that a client sends as they are.
TEST(Fingerprint, TellsComposedFromDecomposedCharacters) {
  EXPECT_EQ(identity_of({.input = examples::input("{\"name\":\"cafe\u0301\"}")}),
            "35e17144a7fb28820b3bfe431bde5067fbcd4bd17e1f58aaea9b2d01f5dc9d18");
}

TEST(Fingerprint, DiffersByWorkspaceTenantTypeInputAndKey) {
  IdentityKey other_key = counting_key();
  other_key.bytes[31] ^= 1;
  const std::set<std::string> different{
      identity_of({}),
      identity_of({.key = other_key}),
      identity_of({.scope = {examples::workspace("acme2"), examples::tenant("contoso")}}),
      identity_of({.scope = examples::scope("contosa")}),
      identity_of({.scope = examples::scope("Contoso")}),
      identity_of({.scope = examples::workspace_scope()}),
      identity_of({.type = examples::type("assignments.restore")}),
      identity_of({.input = examples::input(R"({"a":1})")}),
      identity_of({.input = examples::input(R"({"a":"1"})")}),
      identity_of({.input = examples::input(R"({"a":null})")}),
  };
  EXPECT_EQ(different.size(), 10U);
}

TEST(Fingerprint, KnowsWhereOneFieldEndsAndTheNextBegins) {
  EXPECT_NE(identity_of({.scope = {examples::workspace("ab"), examples::tenant("c")}}),
            identity_of({.scope = {examples::workspace("a"), examples::tenant("bc")}}));
  EXPECT_NE(identity_of({.scope = {examples::workspace("a"), examples::tenant("b")}, .type = examples::type("c.d")}),
            identity_of({.scope = {examples::workspace("a"), examples::tenant("bc")}, .type = examples::type("d")}));
}

TEST(Fingerprint, DoesNotDependOnHowTheInputWasWritten) {
  EXPECT_EQ(identity_of({.input = examples::input(R"({"a":1,"b":[1.50,"x"]})")}),
            identity_of({.input = examples::input(" { \"b\" : [ 15e-1 , \"\\u0078\" ] , \"a\" : 1.0 } ")}));
}

TEST(Fingerprint, SeesOnlyTheIdentityFieldsWhenThereAreSome) {
  const Request request{.fields = {.names = {"policy_ids"}, .sets = {}},
                        .input = examples::input(R"({"policy_ids":["p1"],"note":"first"})")};
  Request other_note = request;
  other_note.input = examples::input(R"({"policy_ids":["p1"],"note":"second"})");
  Request other_ids = request;
  other_ids.input = examples::input(R"({"policy_ids":["p2"],"note":"first"})");
  EXPECT_EQ(identity_of(request), identity_of(other_note));
  EXPECT_NE(identity_of(request), identity_of(other_ids));
}

TEST(Fingerprint, TellsAMissingIdentityFieldFromNull) {
  EXPECT_NE(identity_of({.fields = {.names = {"a"}, .sets = {}}, .input = examples::input(R"({"b":1})")}),
            identity_of({.fields = {.names = {"a"}, .sets = {}}, .input = examples::input(R"({"a":null,"b":1})")}));
}

TEST(Fingerprint, TellsListsOfAnotherOrderApart) {
  EXPECT_NE(identity_of({.input = examples::input(R"({"ids":["a","b"]})")}),
            identity_of({.input = examples::input(R"({"ids":["b","a"]})")}));
}

TEST(Fingerprint, SeesNeitherOrderNorDoublesOfASet) {
  const auto identity = [](std::string_view input, std::vector<std::string> names = {}) {
    return identity_of({.fields = {.names = std::move(names), .sets = {"ids"}}, .input = examples::input(input)});
  };
  const std::string one = identity(R"({"ids":["a","b",{"x":1}],"n":[1,2]})");
  EXPECT_EQ(identity(R"({"ids":[{"x":1.0},"b","a","b"],"n":[1,2]})"), one);
  EXPECT_NE(identity(R"({"ids":["a","b",{"x":1}],"n":[2,1]})"), one);
  EXPECT_NE(identity(R"({"ids":["a","b"],"n":[1,2]})"), one);
  EXPECT_NE(identity(R"({"ids":"a"})"), identity(R"({"ids":["a"]})"));
  EXPECT_EQ(identity(R"({"ids":[2,1],"n":1})", {"ids"}), identity(R"({"ids":[1,2,2],"n":2})", {"ids"}));
}

TEST(IdentityKey, HasAnIdThatDoesNotRevealIt) {
  EXPECT_EQ(format_hex({reinterpret_cast<const char*>(counting_key().id().bytes.data()), 8}), "630dcd2966c43366");
  EXPECT_EQ(format_hex({reinterpret_cast<const char*>(IdentityKey{}.id().bytes.data()), 8}), "66687aadf862bd77");
}

TEST(IdentityKey, AtRandomIsAnotherEachTime) {
  std::set<std::array<unsigned char, 32>> different;
  for (int i = 0; i < 100; ++i) different.insert(IdentityKey::random().bytes);
  EXPECT_EQ(different.size(), 100U);
}

}  // namespace
}  // namespace runledger
