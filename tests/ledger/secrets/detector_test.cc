// Tests which texts count as secrets, by name and by shape, and which do not.
//
// There are two lists of names, one that must count as secret and one that must not, in many spellings each. The shapes
// come from the fake secrets of the fixtures, which cover every kind, alone and in the middle of sentences. Harmless
// texts that look similar are listed here. The last test measures hostile texts that are repeated pieces of what the
// detector looks for, because a detector that is quadratic on them would let one caller hold up the daemon.
#include "ledger/secrets/detector.h"

#include <gtest/gtest.h>

#include <ctime>
#include <initializer_list>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/utf8.h"
#include "ledger/secrets/names.h"
#include "tests/fixtures/data/secrets.h"

namespace runledger {
namespace {

using fixtures::FakeSecret;

// Splits a text into the words between its bars.
std::vector<std::string> split(const std::string& bars) {
  std::vector<std::string> words;
  std::istringstream stream(bars);
  for (std::string word; std::getline(stream, word, '|');) words.push_back(word);
  return words;
}

TEST(SecretNames, CountInEverySpelling) {
  for (const std::string& name :
       split("client_secret|clientSecret|ClientSecret|client-secret|CLIENT_SECRET|client secret|client.secret|"
             "clientsecret|password|Password|PASSWORD|passwd|pwd|db_password|dbPassword|dbpassword|PGPASSWORD|"
             "password2|new_password|passwordConfirmation|token|access_token|accessToken|refresh_token|id_token|"
             "X-Auth-Token|x-amz-security-token|csrfToken|authorization|Proxy-Authorization|authorization_code|"
             "api_key|apiKey|APIKey|api-key|apikey|X-API-Key|openai_api_key|private_key|privateKey|"
             "connection_string|connectionString|ConnectionStrings|credential|credentials|aws_credentials|"
             "secret|secrets|secret_key|AWS_SECRET_ACCESS_KEY|sas|sas_token|cookie|set-cookie|Cookie|"
             "account_key|AccountKey|SharedAccessKey|signing_key|encryptionKey|passphrase|pass phrase|"
             "secret_value|token_value|password_hash|webhookSecret|subscription-key|Ocp-Apim-Subscription-Key|"
             "spring.datasource.password|secret_id|github_pat|db_pass|clave")) {
    EXPECT_NE(demand_of(name), Demand::kNever) << name;
  }
}

TEST(SecretNames, MayTellWhichOfSeveralSecretsItIs) {
  for (const std::string& name :
       split("DB_PASSWORD_PROD|API_KEY_STAGING|SECRET_KEY_V2|STRIPE_SECRET_TEST|TOKEN_EU|apiKeyProd|dbPasswordEuWest1|"
             "client_secret_2|spring.datasource.password.replica|PGPASSWORD_READONLY")) {
    EXPECT_NE(demand_of(name), Demand::kNever) << name;
    EXPECT_LT(demand_of(name), Demand::kMarked) << name;
  }
  EXPECT_EQ(demand_of("APP_SECRET_ACME"), Demand::kMixed);
  EXPECT_EQ(demand_of("appSecretAcme"), Demand::kOpaque);
}

TEST(SecretNames, AreNoneWhenTheyEndInWhatIsSaidAboutASecret) {
  for (const std::string& name :
       split("password_expires_at|TOKEN_ENDPOINT|secret_arn_prod|tokenCountProd|PASSWORD_POLICY_NAME|apiKeyId|"
             "password_reset_url|token_ttl_eu|existingSecret|secret_version|pagination_token_v2")) {
    EXPECT_EQ(demand_of(name), Demand::kNever) << name;
  }
}

TEST(SecretNames, OfKeysThatNoRuleKnowsDemandAToken) {
  for (const std::string& name : split("client_key|FASTLY_KEY|Courier-Key|ingestKey")) {
    EXPECT_EQ(demand_of(name), Demand::kToken) << name;
  }
}

TEST(SecretNames, DoNotCountInsideLongerWordsOrAsTheirCountsAndIds) {
  for (const std::string& name :
       split("author|authority|authored_by|tokenizer|token_count|tokenCount|"
             "token_type|token_id|token_expires_at|secretary|secretariat|passenger|passage|bypass|compass|"
             "keyboard|key|keys|policy_ids|public_key|partition_key|primary_key|idempotency_key|sort_key|"
             "password_policy|password_length|passwordless|secret_name|secretName|cookie_policy|"
             "cookie_consent|credential_id|authorization_url|sass|saskia|pwdx|monkey|hockey|"
             "turkey|donkeys|unexpected_token||_|42")) {
    EXPECT_EQ(demand_of(name), Demand::kNever) << name;
  }
}

TEST(SecretShapes, OfEveryKindAreFound) {
  for (const FakeSecret& fake : fixtures::fake_secrets()) {
    ASSERT_NE(fake.text.find(fake.secret), std::string::npos) << fake.kind;
    EXPECT_TRUE(contains_secret(fake.text)) << fake.kind << ": " << fake.text;
    EXPECT_EQ(redact_secrets(fake.text).find(fake.secret), std::string::npos) << fake.kind << ": " << fake.text;
  }
}

TEST(SecretShapes, AreFoundInTheMiddleOfASentence) {
  for (const FakeSecret& fake : fixtures::fake_secrets()) {
    const std::string sentence = "call 7 failed (" + fake.text + ") after 3 s";
    const std::string redacted = redact_secrets(sentence);
    EXPECT_EQ(redacted.find(fake.secret), std::string::npos) << fake.kind << ": " << sentence;
    EXPECT_EQ(redacted.rfind("call 7 failed (", 0), 0U) << fake.kind << ": " << redacted;
  }
}

TEST(FakeSecrets, AreManyAndAllDifferent) {
  std::set<std::string> different;
  for (const FakeSecret& fake : fixtures::fake_secrets()) {
    different.insert(fake.secret);
    EXPECT_GE(fake.secret.size(), 8U) << fake.kind;
  }
  EXPECT_GE(different.size(), 200U);
  EXPECT_EQ(different.size(), fixtures::fake_secrets().size());
}

constexpr std::string_view kHarmlessTexts[] = {
    "",
    "author: Jane Doe",
    "open /etc/passwd: permission denied",
    "cat: '/srv/app/password: hunter2x9'",
    "~/.aws/credentials: line4x",
    "../app/password: hunter2x9",
    "C:/app/password: hunter2x9",
    "(https://example.com/login/password: hunter2x9)",
    "tokenizer: bpe, max_tokens=4096, token_count: 17",
    "550e8400-e29b-41d4-a716-446655440000",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZy4gVGhlIHF1aWNrIGJyb3duIGZveA==",
    "aGVsbG8gd29ybGQ=",
    R"({"policy_ids":["p1","p2"],"keyboard":"de"})",
    "secretary: Bob; passenger: Eve",
    "GET https://graph.microsoft.com:443/v1.0/deviceManagement?$top=5 gave 429",
    "mail bob@example.com about http://host:8080/path@revision",
    "git clone https://github.com/acme/tool.git",
    "ssh://git@github.com/acme/tool.git",
    "Basic configuration failed; basic authentication is off",
    "the bearer of bad news; Bearer authentication required",
    "Bearer token-based sign-in is not supported",
    "password reset failed for bob",
    "the password must have 12 characters",
    "Password: required",
    "token: expired",
    "token=null, password=, secret=\"\"",
    "token: expected a whole number, found x",
    "secret: not found; authorization: failed",
    "password=${DB_PASSWORD} token=$API_TOKEN, secret: %s",
    "password: {{ secrets.db }}",
    "Bearer OAuth2 is not supported",
    "docker run --user 1000:1000",
    "pass: 12, fail: 3",
    "pass=3 fail=2, pass=10/12, pass=98.5%",
    "first pass: reading files; pass=ok, pass=second",
    "bypass=always compass=north pwm=5000hz",
    "docker exec -u www-data:www-data app; docker run -u 1000:1000",
    "git push -u origin main:main2",
    "jdbc:oracle:thin:@db:1521:orcl and jdbc:oracle:thin:@//db:1521/orcl",
    "jdbc:postgresql://db:5432/app",
    "storage_key: uploads/2026/a.png",
    "docker://alpine:3.19@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "http://[::1]:8080/users/a@b",
    "https://registry.local:4873/@scope/package",
    "sig=abc, signature=short",
    "password: ********",
    "Syntax error: unexpected token: }",
    "std::token::kind",
    "error: Task attempt_200904211745_0002_m_000010_0 failed to report status for 601 seconds",
    "java.io.IOException: Connection reset by peer",
    "sk-learn 1.0 and xoxo-gossip",
    "npm_config_registry=https://registry.npmjs.org",
    "AKIA is the prefix of a key id",
    "run 0001-0002 took 12:30:55",
    "at 2026-01-05T08:00:00.123456Z",
    "-----BEGIN CERTIFICATE----- MIIB -----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY----- MIIB -----END PUBLIC KEY-----",
    "name=value; count=3",
    "expected a reference to a secret, found a secret itself",
    "C:\\Users\\bob\\AppData\\Local\\Temp",
    "/var/lib/tokens/cache.db",
    "SELECT * FROM t WHERE id = 'abc'",
    "a=b==c",
};

TEST(HarmlessText, HoldsNoSecret) {
  for (const std::string_view text : kHarmlessTexts) {
    EXPECT_FALSE(contains_secret(text)) << text << " -> " << redact_secrets(text);
    EXPECT_EQ(redact_secrets(text), text);
  }
}

TEST(HarmlessText, DigestInAPackageLockIsNoAccountKey) {
  const std::string digest(86, 'x');
  EXPECT_TRUE(contains_secret("Zm9v" + digest.substr(4) + "=="));
  EXPECT_FALSE(contains_secret("\"integrity\": \"sha512-Zm9v" + digest.substr(4) + "==\""));
}

struct Redaction {
  std::string before;
  std::string after;
};

TEST(Redaction, ReplacesTheValueAndKeepsWhatIsAroundIt) {
  for (const Redaction& it : std::initializer_list<Redaction>{
           {"password=hunter2", "password=[redacted]"},
           {"password = hunter2, user=bob", "password = [redacted], user=bob"},
           {"Password: hunter2.", "Password: [redacted]."},
           {"(pwd=hunter2)", "(pwd=[redacted])"},
           {"a?token=abc123&next=1", "a?token=[redacted]&next=1"},
           {"Server=x;Password=abc;User=y", "Server=x;Password=[redacted];User=y"},
           {R"({"client_secret":"abc def","n":1})", R"({"client_secret":"[redacted]","n":1})"},
           {R"({"token":12345})", R"({"token":[redacted]})"},
           {R"({"secret": "a\"b"})", R"({"secret": "[redacted]"})"},
           {"{'password': 'x y', 'user': 'bob'}", "{'password': '[redacted]', 'user': 'bob'}"},
           {"curl --password hunter2 --verbose", "curl --password [redacted] --verbose"},
           {"curl --password=hunter2 --verbose", "curl --password=[redacted] --verbose"},
           {"tool --token --verbose", "tool --token --verbose"},
           {"Authorization: Bearer abc", "Authorization: [redacted]"},
           {"Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l next", "Authorization: [redacted] next"},
           {"authorization=secretvalue", "authorization=[redacted]"},
           {"Bearer abcdef0123456789", "Bearer [redacted]"},
           {"Basic YWxhZGRpbjpvcGVuc2VzYW1l", "Basic [redacted]"},
           {"Cookie: a=1; b=2; c=3 tail", "Cookie: [redacted] tail"},
           {"https://bob:s3cret@example.com/x", "https://bob:[redacted]@example.com/x"},
           {"postgres://bob:p@ss/w:rd@db:5432/x", "postgres://bob:[redacted]@db:5432/x"},
           {"<password>hunter2</password>", "<password>[redacted]</password>"},
           {"wrong password 'hunter2' given", "wrong password '[redacted]' given"},
           {"password=a token=b", "password=[redacted] token=[redacted]"},
           {"config[\"api_key\"] = \"abc\"", "config[\"api_key\"] = \"[redacted]\""},
           {"postgres://bob:1pass/word@db:5432/x", "postgres://bob:[redacted]@db:5432/x"},
           {"password=ab\"cd'ef, next", "password=[redacted], next"},
           {"{\"a\":\"token=abc\",\"b\":1}", "{\"a\":\"token=[redacted]\",\"b\":1}"},
           {"COOKIE: a=1; b=2", "COOKIE: [redacted]"},
           {"Incorrect client secret provided: abc", "Incorrect client secret provided: [redacted]"},
           {"**Password:** hunter2", "**Password:** [redacted]"},
           {"password: |\n  hunter2", "password: |\n  [redacted]"},
           {"password: {hunter2", "password: [redacted]"},
           {"credentials: {\"user\":\"bob\",\"password\":\"x\"}",
            "credentials: {\"user\":\"bob\",\"password\":\"[redacted]\"}"},
           {"password=${X}hunter2", "password=[redacted]"},
           {"DB_PASS=hunter2 KEYPASS=abc", "DB_PASS=[redacted] KEYPASS=[redacted]"},
           {"pw=hunter2xyz", "pw=[redacted]"},
           {"pass=hunter2xyz, user=bob", "pass=[redacted], user=bob"},
           {"a?user=bob&pass=correcthorse&x=1", "a?user=bob&pass=[redacted]&x=1"},
           {"smtp-pass = \"a b\"", "smtp-pass = \"[redacted]\""},
           {"curl -u admin:hunter2xyz https://x", "curl -u admin:[redacted] https://x"},
           {"curl --user 'a.b@c:hunter2xyz' x", "curl --user 'a.b@c:[redacted]' x"},
           {"jdbc:oracle:thin:scott/tiger99@db", "jdbc:oracle:thin:scott/[redacted]@db"},
           {"jdbc:oracle:oci:scott/tig/er@9@//db:1521/orcl", "jdbc:oracle:oci:scott/[redacted]@//db:1521/orcl"},
           {"https://s3/x?X-Amz-Signature=0123456789abcdef0123456789abcdef&y=1",
            "https://s3/x?X-Amz-Signature=[redacted]&y=1"},
           {"password => \"abc\"", "password => \"[redacted]\""},
           {"tokens: none; \"passwords\": [\"a b\"]", "tokens: none; \"passwords\": [\"[redacted]\"]"},
           {"postgres://app:pw4you@h/app X-API-Key: 0123456789abcdef0123456789abcdef",
            "postgres://app:[redacted]@h/app X-API-Key: [redacted]"},
           {"login/password: hunter2x9", "login/password: [redacted]"},
           {"email/password: hunter2x9", "email/password: [redacted]"},
           {"the id/password: hunter2x9", "the id/password: [redacted]"},
           {"username/password: hunter2x9", "username/password: [redacted]"},
           {"[\"password\":protected]=> string(9) \"hunter2x9\"",
            "[\"password\":protected]=> string(9) \"[redacted]\""},
           {"s:8:\"password\";s:9:\"hunter2x9\";", "s:8:\"password\";s:9:\"[redacted]\";"},
           {"Password . . . . : hunter2x9", "Password . . . . : [redacted]"},
           {"481516 is your login code", "[redacted] is your login code"},
           {"DefaultPassword  REG_SZ  hunter2x9", "DefaultPassword  REG_SZ  [redacted]"},
           {"user/pass: bob / hunter2x9", "user/pass: bob / [redacted]"},
           {"[mx.example.com]:587 bob:hunter2x9", "[mx.example.com]:587 bob:[redacted]"},
           {"Backup codes: a1b2-c3d4, e5f6-a7b8 are yours", "Backup codes: [redacted] are yours"},
       }) {
    EXPECT_EQ(redact_secrets(it.before), it.after);
  }
}

TEST(Redaction, TakesAnUnclosedValueToItsEnd) {
  EXPECT_EQ(redact_secrets("{\"password\":\"cut of"), "{\"password\":\"[redacted]");
  EXPECT_EQ(redact_secrets("-----BEGIN RSA PRIVATE KEY----- MIIE cut"), "[redacted]");
}

TEST(Redaction, OfARedactedTextChangesNothing) {
  for (const FakeSecret& fake : fixtures::fake_secrets()) {
    const std::string once = redact_secrets("x " + fake.text + " y");
    EXPECT_EQ(redact_secrets(once), once) << fake.kind;
    EXPECT_FALSE(contains_secret(once)) << fake.kind << ": " << once;
  }
}

TEST(Redaction, DoesNotTrustTheMarkInFrontOfAValue) {
  EXPECT_EQ(redact_secrets("password=[redacted]hunter2"), "password=[redacted]");
}

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() < size) text += piece;
  return text;
}

// Measures the detector in seconds of the processor, so that a busy machine does not count.
double seconds_of_hostile(std::string_view text) {
  const std::clock_t begin = std::clock();
  const std::string redacted = redact_secrets(text);
  const std::clock_t end = std::clock();
  EXPECT_FALSE(contains_secret(redacted)) << text.substr(0, 32);
  return static_cast<double>(end - begin) / CLOCKS_PER_SEC;
}

TEST(Redaction, IsLinearInTheLengthOfHostileText) {
  for (const std::string_view piece : {"a",
                                       "eyJ",
                                       "eyJhbGciOi.",
                                       "eyJhbGciOi.eyJ",
                                       "://",
                                       "://a:b",
                                       "pw=",
                                       "pass=1",
                                       "-u a:",
                                       "-u a:b1c2d3 ",
                                       "jdbc:oracle:thin:",
                                       "jdbc:oracle:thin:a/",
                                       "jdbc:oracle:thin:a/b@",
                                       "a:",
                                       "=",
                                       "==",
                                       "password",
                                       "password:",
                                       "password=x ",
                                       "\"",
                                       "'",
                                       "\\",
                                       "--",
                                       "-----BEGIN ",
                                       "--password ",
                                       "Bearer ",
                                       "basic ",
                                       "AKIA",
                                       "Q~",
                                       "ghp_",
                                       "xoxb-",
                                       "<",
                                       ">",
                                       "<password>",
                                       "%3D",
                                       "[",
                                       "token[",
                                       "cookie=a;",
                                       "https://hooks.slack.com/services/",
                                       "A==",
                                       "password: 'x' ",
                                       "token \"",
                                       "sig=",
                                       "://a:b@",
                                       "[redacted]",
                                       "password=[redacted]",
                                       "key=",
                                       "name=",
                                       "pin=",
                                       "jwt:",
                                       "&amp;",
                                       "[0m",
                                       "a:5432:b:c:",
                                       "mysql -p",
                                       "| sudo -S",
                                       "password....\"",
                                       "s:8:\"password\";s:4:\"",
                                       "1234 is your ",
                                       "a1b2c3 as the ",
                                       "backup codes: a1b2c3 ",
                                       "{\"kty\":",
                                       "REG_SZ ",
                                       "USER a PASS ",
                                       "password is "}) {
    // It takes about 0.01 s, and up to fifty times that without optimisation or under ThreadSanitizer; quadratic time
    // would be two seconds with optimisation.
    EXPECT_LT(seconds_of_hostile(repeated(piece, 64U * 1024)), 1.5) << piece;
  }
}

// Many names in one word, each of which has the same closing brackets at its end.
TEST(Redaction, IsLinearInTheLengthOfClosersAfterManyNames) {
  EXPECT_LT(seconds_of_hostile(repeated("session=", 64U * 1024) + std::string(64U * 1024, ')')), 1.5);
}

// The end of what is looked at may be anywhere in a secret, or between it and what tells it.
TEST(RedactedBeginning, HasNoPartOfASecretWhereverItEnds) {
  for (const FakeSecret& fake : fixtures::fake_secrets()) {
    const std::string text = repeated("step ", 1500) + fake.text + repeated(" more", 10'000);
    for (std::size_t size = 1490; size < 1510 + fake.text.size(); size += 7) {
      const std::string beginning = redact_beginning(text, size);
      EXPECT_EQ(beginning.find(fake.secret.substr(0, 8)), std::string::npos) << fake.kind << " in " << size;
      EXPECT_LE(beginning.size(), size + kRedacted.size() + kEllipsis.size());
    }
  }
}

TEST(RedactedBeginning, IsTheWholeOfAShortText) {
  EXPECT_EQ(redact_beginning("login: password=hunter2", 1000), "login: password=[redacted]");
  EXPECT_EQ(redact_beginning(repeated("a ", 4000), 10), "a a a a a …");
}

}  // namespace
}  // namespace runledger
