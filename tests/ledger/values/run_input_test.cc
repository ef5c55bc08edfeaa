// Tests which texts are accepted as the input of a run, and how an input with a secret is refused.
#include "ledger/values/run_input.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "ledger/values/json.h"
#include "tests/fixtures/data/secrets.h"
#include "tests/fixtures/data/text_corpus.h"
#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

using nlohmann::json;

std::string detail_of(std::string_view text) {
  const auto input = RunInput::parse(text);
  return input ? "" : input.rejection().detail.str();
}

TEST(RunInput, IsKeptInCanonicalForm) {
  EXPECT_EQ(RunInput::parse(R"( { "b" : 1.0, "a" : ["x", null, true] } )")->canonical(),
            R"({"a":["x",null,true],"b":1})");
  EXPECT_EQ(RunInput::parse("{}")->canonical(), "{}");
  EXPECT_EQ(RunInput().canonical(), "{}");
}

TEST(RunInput, IsAnObject) {
  for (const char* text : {"[]", "1", "\"x\"", "null", "true", "[{}]"})
    EXPECT_EQ(code_of(RunInput::parse(text)), "input.not_an_object") << text;
}

TEST(RunInput, IsStrictJson) {
  EXPECT_EQ(code_of(RunInput::parse("")), "json.malformed");
  EXPECT_EQ(code_of(RunInput::parse("{} {}")), "json.malformed");
  EXPECT_EQ(code_of(RunInput::parse("{\"a\":1,\"a\":1}")), "json.duplicate_key");
  EXPECT_EQ(code_of(RunInput::parse("{\"a\":1e400}")), "json.number_out_of_range");
  EXPECT_EQ(code_of(RunInput::parse("{\"a\":\"\\u0000\"}")), "json.bad_character");
}

TEST(RunInput, KeepsAsItIsWhatWasStored) {
  const std::string text = R"({"n":1e+21})";
  EXPECT_EQ(code_of(RunInput::parse(text)), "json.number_out_of_range");
  const RunInput stored = *RunInput::from_value(*parse_json(text, {.numbers = JsonNumbers::kRounded}));
  EXPECT_EQ(canonical_json(stored.value()), text);
}

TEST(RunInput, HoldsSixtyFourKibibytes) {
  const std::string frame = R"({"a":""})";
  const auto of_size = [&](std::size_t size) { return R"({"a":")" + std::string(size - frame.size(), 'x') + R"("})"; };
  EXPECT_EQ(code_of(RunInput::parse(of_size(RunInput::kBytesMax - 1))), "");
  EXPECT_EQ(code_of(RunInput::parse(of_size(RunInput::kBytesMax))), "");
  EXPECT_EQ(code_of(RunInput::parse(of_size(RunInput::kBytesMax + 1))), "input.too_large");
}

TEST(RunInput, IsMeasuredInCanonicalForm) {
  EXPECT_EQ(code_of(RunInput::parse("{\"a\":1" + std::string(RunInput::kBytesMax, ' ') + "}")), "");
}

// Returns {"a":{"a":…{}…}} with that many levels.
std::string nested(int levels) {
  std::string text = "{}";
  for (int level = 1; level < levels; ++level) text = "{\"a\":" + text + "}";
  return text;
}

std::string with_keys(std::size_t count) {
  std::string text = "{\"a\":[";
  for (std::size_t i = 1; i < count; ++i) text += i == 1 ? "0" : ",0";
  return text + "]}";
}

TEST(RunInput, HoldsItsLimitsOfLevelsAndKeys) {
  EXPECT_EQ(code_of(RunInput::parse(nested(RunInput::kDepthMax))), "");
  EXPECT_EQ(code_of(RunInput::parse(nested(RunInput::kDepthMax + 1))), "json.too_deep");
  EXPECT_EQ(code_of(RunInput::parse(with_keys(RunInput::kKeysMax))), "");
  EXPECT_EQ(code_of(RunInput::parse(with_keys(RunInput::kKeysMax + 1))), "json.too_many_keys");
}

TEST(RunInput, HoldsTheSameLimitsWhenItCameInsideALargerDocument) {
  const JsonLimits wide{.depth_max = 64, .keys_max = 100'000};
  const auto code_inside = [&](const std::string& text) {
    const auto line = parse_json("{\"input\":" + text + "}", wide);
    const auto input = RunInput::from_value(*line->find("input"));
    return input ? std::string() : input.rejection().code;
  };
  EXPECT_EQ(code_inside(nested(RunInput::kDepthMax)), "");
  EXPECT_EQ(code_inside(nested(RunInput::kDepthMax + 1)), "json.too_deep");
  EXPECT_EQ(code_inside(with_keys(RunInput::kKeysMax)), "");
  EXPECT_EQ(code_inside(with_keys(RunInput::kKeysMax + 1)), "json.too_many_keys");
  EXPECT_EQ(code_inside("[]"), "input.not_an_object");
}

TEST(RunInput, RefusesASecretByItsNameAtAnyDepth) {
  for (const char* text :
       {R"({"client_secret":"x"})", R"({"a":{"b":[{"apiKey":"x"}]}})", R"({"Password":5})", R"({"token":12345})",
        R"({"credentials":{"user":"bob","pass":"x"}})", R"({"authorization":["x"]})",
        R"({"x":{"connection-string":"x"}})", "{\"pass\u200Bword\":\"x\"}"}) {
    EXPECT_EQ(code_of(RunInput::parse(text)), "input.secret") << text;
  }
}

TEST(RunInput, RefusesASecretWhoseNameStandsBesideIt) {
  EXPECT_EQ(code_of(RunInput::parse(R"({"env":[{"name":"DB_PASSWORD","value":"x"}]})")), "input.secret");
  EXPECT_EQ(code_of(RunInput::parse(R"({"headers":[{"key":"Authorization","value":"x"}]})")), "input.secret");
  EXPECT_EQ(code_of(RunInput::parse(R"({"env":[{"name":"DB_HOST","value":"x"},{"name":"DB_PASSWORD","value":""}]})")),
            "");
  EXPECT_EQ(code_of(RunInput::parse(R"({"Name":"DB_PASSWORD","Value":"correcthorse"})")), "input.secret");
  EXPECT_EQ(code_of(RunInput::parse(R"({"Key":"password","Value":"correcthorse"})")), "input.secret");
  EXPECT_EQ(code_of(RunInput::parse(R"({"KEY":"password","vaLUE":["correcthorse"]})")), "input.secret");
  EXPECT_EQ(code_of(RunInput::parse("{\"na\u200Bme\":\"DB_PASSWORD\",\"\uFF56alue\":\"x\"}")), "input.secret");
  EXPECT_EQ(code_of(RunInput::parse(R"({"Key":"region","Value":"correcthorse"})")), "");
}

// RFC 7518, 6: the private members stand beside "kty", in any order.
TEST(RunInput, RefusesThePrivateMembersOfAWebKey) {
  const std::string value(20, '7');
  const std::string opaque = "Ab" + value + "cD9xQ2";
  EXPECT_EQ(code_of(RunInput::parse(R"({"k":"a7Qx)" + opaque + R"(3b","kty":"oct"})")), "input.secret");
  EXPECT_EQ(code_of(RunInput::parse(R"({"keys":[{"kty":"EC","d":"q1W)" + opaque + R"(e4R"}]})")), "input.secret");
  EXPECT_TRUE(RunInput::parse(R"({"kty":"EC","x":"q1W)" + opaque + R"(e4R"})"));
  EXPECT_TRUE(RunInput::parse(R"({"d":"q1W)" + opaque + R"(e4R"})"));
}

TEST(RunInput, RefusesAKeyByTheNameOfItsObject) {
  const std::string key = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
  EXPECT_EQ(code_of(RunInput::parse(R"({"crypt":{"key":")" + key + R"("}})")), "input.secret");
  EXPECT_EQ(code_of(RunInput::parse(R"({"app":{"signing":{"alg":"HS256","key":")" + key + R"("}}})")), "input.secret");
  EXPECT_TRUE(RunInput::parse(R"({"cache":{"key":")" + key + R"("}})"));
  EXPECT_TRUE(RunInput::parse(R"({"crypt":{"mode":"gcm"},"key":")" + key + R"("})"));
}

TEST(RunInput, RefusesAUserAndAPasswordTogether) {
  for (const std::string text : {R"({"auth":["ann","Apple.Pie"]})", R"({"credentials":["ann","Apple.Pie"]})",
                                 R"({"login":"ann:Apple.Pie"})", R"({"name":"password","default":"correcthorse"})"}) {
    EXPECT_EQ(code_of(RunInput::parse(text)), "input.secret") << text;
    EXPECT_EQ(code_of(RunInput::parse(json{{"detail", text}}.dump())), "input.secret") << text;
  }
  for (const std::string text : {R"({"auth":["basic","digest"]})", R"({"credentials":["file","env"]})",
                                 R"({"login":"acme:ann"})", R"({"name":"password","default":null})",
                                 R"({"secret":"prod/db"})", R"({"auth":{"credential":"cred-north-7"}})"}) {
    EXPECT_EQ(detail_of(text), "") << text;
  }
}

TEST(RunInput, RefusesASecretBehindTheOptionThatNamesIt) {
  for (const char* text :
       {R"({"argv":["--password","correcthorse"]})", R"({"argv":["tool","-password","correct horse"]})",
        R"({"argv":["--db-password",12345678]})", R"({"argv":["--token",["correcthorse"]]})",
        R"({"argv":["--password=correcthorse"]})", R"({"argv":["--password correcthorse"]})",
        "{\"argv\":[\"--pass\u200Bword\",\"correcthorse\"]}", R"({"argv":["curl","-u","admin:hunter2xyz"]})",
        R"({"argv":["mysql","-phunter2secret"]})", "{\"argv\":[\"mysql\",\"\u200B-phunter2secret\"]}",
        "{\"argv\":[\"my\u200Bsql\",\"-h\",\"db\",\"\uFF0Dphunter2secret\"]}",
        "{\"argv\":[\"\uFF0D\uFF0Dpassword\",\"hunter2secret\"]}",
        "{\"argv\":[\"curl\",\"\u200B-u\",\"admin:hunter2xyz\"]}"}) {
    EXPECT_EQ(code_of(RunInput::parse(text)), "input.secret") << text;
  }
  EXPECT_EQ(detail_of(R"({"argv":["--password","correcthorse"]})"),
            "expected a reference to a secret, found a secret itself at \"/argv/1\" of the input");
}

TEST(RunInput, AcceptsOptionsThatHoldNone) {
  for (const char* text :
       {R"({"argv":["--token","--verbose"]})", R"({"argv":["--password","${DB_PASSWORD}"]})",
        R"({"argv":["--password-file","/run/secrets/db"]})", R"({"argv":["--token",null,"x"]})",
        "{\"argv\":[\"--token\",\"\u200B--verbose\"]}", "{\"argv\":[\"--token\",\"\uFF0D\uFF0Dverbose\"]}",
        R"({"argv":["docker","run","-u","1000:1000","--user","app:staff"]})", R"({"argv":["password","x"]})",
        R"({"argv":["--password",""]})", R"({"argv":["x","--password"]})", R"({"args":"pass=3 fail=2"})"}) {
    EXPECT_EQ(code_of(RunInput::parse(text)), "") << text;
  }
}

TEST(RunInput, AcceptsASecretNameWithoutAValue) {
  for (const char* text : {R"({"password":null})", R"({"password":""})", R"({"password":false})", R"({"token":true})",
                           R"({"secret":{}})", R"({"secret":[]})", R"({"secrets":[null,"",false]})"}) {
    EXPECT_EQ(code_of(RunInput::parse(text)), "") << text;
  }
}

TEST(RunInput, AcceptsAReferenceInTheSecretsPlace) {
  for (const char* text :
       {R"({"password":"${DB_PASSWORD}"})", R"({"password":"***"})", R"({"password":{"env":"DB_PASSWORD"}})",
        R"({"token":{"valueFrom":{"secretKeyRef":{"name":"db","key":"token"}}}})", R"({"password_env":"DB_PASSWORD"})",
        R"({"secret":"arn:aws:secretsmanager:eu:1:secret:db"})", R"({"tls":{"private_key":"/etc/ssl/key.pem"}})",
        R"({"name":"DB_PASSWORD","value":"$DB_PASSWORD"})", R"({"password":["This field is required."]})",
        R"({"secrets":0,"cookies":3,"token":3})", R"({"nextPageToken":"aB3dE5fG7hI9jK1lM3nO5"})"}) {
    EXPECT_EQ(code_of(RunInput::parse(text)), "") << text;
  }
}

TEST(RunInput, RefusesASecretInTheReferencesPlace) {
  for (const char* text : {R"({"password":{"env":"aB3dE5fG7hI9jK1lM3nO5"}})", R"({"password":{"value":"hunter2"}})",
                           R"({"argv":["mysql","-u","root","-phunter2xyz"]})",
                           R"({"argv":["docker","login","-u","bob","-p","hunter2xyz"]})"}) {
    EXPECT_EQ(code_of(RunInput::parse(text)), "input.secret") << text;
  }
}

// Returns the texts of a list that are JSON objects.
std::vector<fixtures::CorpusText> inputs_of(std::string_view lines) {
  std::vector<fixtures::CorpusText> inputs;
  for (const fixtures::CorpusText& it : fixtures::corpus_of(lines)) {
    if (json::accept(it.text) && it.text.starts_with('{')) inputs.push_back(it);
  }
  return inputs;
}

TEST(RunInput, RefusesTheInputsOfTheListOfSecrets) {
  const auto inputs = inputs_of(fixtures::secret_lines());
  EXPECT_GE(inputs.size(), 10U);
  for (const auto& it : inputs) EXPECT_EQ(code_of(RunInput::parse(it.text)), "input.secret") << it.text;
}

TEST(RunInput, AcceptsTheInputsOfTheHarmlessList) {
  const auto inputs = inputs_of(fixtures::harmless_lines());
  EXPECT_GE(inputs.size(), 25U);
  for (const auto& it : inputs) EXPECT_EQ(code_of(RunInput::parse(it.text)), "") << it.text;
}

TEST(RunInput, AcceptsNamesThatOnlyLookLikeSecrets) {
  EXPECT_EQ(
      code_of(RunInput::parse(
          R"({"author":"x","tokenizer":"y","max_tokens":5,"policy_ids":["p1"],"secret_name":"db","keyboard":"de",)"
          R"("run":"550e8400-e29b-41d4-a716-446655440000"})")),
      "");
}

TEST(RunInput, RefusesASecretByItsValueAnywhere) {
  for (const fixtures::FakeSecret& fake : fixtures::fake_secrets()) {
    for (const json& value :
         {json{{"note", fake.text}}, json{{"a", {1, {{"b", {fake.text}}}}}}, json{{fake.text, 1}}}) {
      const auto input = RunInput::parse(value.dump());
      ASSERT_FALSE(input) << fake.kind << ": " << fake.text;
      EXPECT_EQ(input.rejection().code, "input.secret") << fake.kind;
      EXPECT_EQ(input.rejection().detail.str().find(fake.secret), std::string::npos) << fake.kind;
    }
  }
}

TEST(RunInput, RefusesASecretThatInvisibleCharactersSplit) {
  for (const fixtures::FakeSecret& fake : fixtures::fake_secrets()) {
    std::string split = fake.text;
    split.insert(split.find(fake.secret) + fake.secret.size() / 2, "\u200B");
    EXPECT_EQ(code_of(RunInput::parse(json{{"note", split}}.dump())), "input.secret") << fake.kind;
  }
}

TEST(RunInput, NamesThePathOfASecretAndNotItsValue) {
  EXPECT_EQ(detail_of(R"({"a":[0,{"client_secret":"hunter2"}]})"),
            "expected a reference to a secret, found a secret itself at \"/a/1/client_secret\" of the input");
  EXPECT_NE(detail_of(R"({"a/b":{"c~d":{"password":"hunter2"}}})").find("\"/a~1b/c~0d/password\""), std::string::npos);
  EXPECT_EQ(detail_of(R"({"password=hunter2":1})"),
            "expected a reference to a secret, found a secret itself at \"/[redacted]\" of the input");
}

TEST(RunInput, GivesTheNamedFieldsInCanonicalForm) {
  const auto input = RunInput::parse(R"({"c":{"y":1,"x":2},"a":1,"b":[1.0]})");
  EXPECT_EQ(input->canonical_fields({.names = {"c", "b"}, .sets = {}}), R"({"b":[1],"c":{"x":2,"y":1}})");
  EXPECT_EQ(input->canonical_fields({.names = {"b", "c"}, .sets = {}}), R"({"b":[1],"c":{"x":2,"y":1}})");
  EXPECT_EQ(input->canonical_fields({.names = {"a", "missing"}, .sets = {}}), R"({"a":1})");
  EXPECT_EQ(input->canonical_fields({.names = {"x"}, .sets = {}}), "{}");
  EXPECT_EQ(input->canonical_fields({}), input->canonical());
}

}  // namespace
}  // namespace runledger
