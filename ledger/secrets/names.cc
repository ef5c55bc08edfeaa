// Splits a name into words and judges it by its last words, which say what it is the name of.
#include "ledger/secrets/names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "ledger/base/ascii.h"

namespace runledger {

namespace {

// Orders by length first: most words differ in length, so that a search compares few letters.
constexpr bool before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// The formatter would put every word of the lists on a line of its own.
// clang-format off

// The nouns for secrets, as the last words of a name written together. Sorted. The list leaves out "pass" and "pw"
// alone, see is_short_secret_name(), and keys that name things, such as a storage key or a client key.
constexpr std::array kNouns = std::to_array<std::string_view>({
    "jwt", "pwd", "sas", "cred", "creds", "token", "apikey", "bearer", "cookie", "dbpass", "passwd", "pgpass",
    "sasuri", "sasurl", "secret", "sshkey", "apikeys", "authkey", "connstr", "cookies", "ftppass", "hmackey",
    "keypass", "secrets", "sshpass", "adminkey", "authcode", "authpass", "httppass", "ldappass", "mailpass",
    "passcode", "password", "passwort", "rootpass", "smtppass", "userpass", "accesskey", "adminpass", "deploykey",
    "masterkey", "mfasecret", "mysqlpass", "passwords", "proxypass", "redispass", "secretkey", "sharedkey",
    "storepass", "accountkey", "connstring", "credential", "passphrase", "privatekey", "secretkeys", "sessionkey",
    "signingkey", "credentials", "passphrases", "privatekeys", "passwordhash", "authorization", "decryptionkey",
    "encryptionkey", "refreshtokens", "accesskeysecret", "sharedaccesskey", "subscriptionkey", "connectionstring",
    "authorizationcode", "connectionstrings", "storageaccountkey",
});
static_assert(std::is_sorted(kNouns.begin(), kNouns.end(), before));

// Nouns that also count at the end of a longer word, written together with it: dbpassword, accesstoken.
constexpr std::array kEndings = std::to_array<std::string_view>({
    "accesskey", "apikey", "connectionstring", "credentials", "passphrase", "passwd", "password", "privatekey",
    "pwd", "secret", "secretkey", "token",
});

// Words that do not change what a name is the name of: a "password value" is a password. Sorted.
constexpr std::array kNeutral = std::to_array<std::string_view>({
    "is", "b64", "env", "new", "old", "raw", "str", "was", "data", "json", "text", "given", "plain", "value",
    "base64", "header", "repeat", "string", "confirm", "current", "default", "encoded", "previous", "provided",
    "supplied", "plaintext", "confirmation",
});
// clang-format on
static_assert(std::is_sorted(kNeutral.begin(), kNeutral.end(), before));

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word, before);
}

// The words at the end of a name, in lower case and without the digits at their ends. Reads at most kNameTail
// characters, so that a name of any length costs the same and needs no allocation.
class LastWords {
 public:
  explicit LastWords(std::string_view name) {
    name = name.substr(name.size() - std::min(name.size(), kNameTail));
    for (std::size_t i = 0; i < name.size(); ++i) {
      const char c = name[i];
      if (!is_alnum(c)) {
        end_word();
        continue;
      }
      if (begins_word(name, i)) end_word();
      letters_[size_++] = to_lower(c);
    }
    end_word();
  }

  [[nodiscard]] std::size_t count() const { return words_; }

  // Returns the last `count` words written together. Requires that the name has that many.
  [[nodiscard]] std::string_view last(std::size_t count) const {
    const std::size_t begin = words_ == count ? 0 : ends_[words_ - count - 1];
    return {letters_.data() + begin, size_ - begin};
  }

  // Requires that two words or more are left.
  void drop_last() {
    --words_;
    size_ = ends_[words_ - 1];
  }

 private:
  static constexpr std::size_t kNameTail = 48;

  // Recognises the words of camel case: connectionString, APIKey.
  static bool begins_word(std::string_view name, std::size_t i) {
    if (i == 0 || !is_upper(name[i])) return false;
    const bool lower_before = is_lower(name[i - 1]) || is_digit(name[i - 1]);
    const bool lower_behind = i + 1 < name.size() && is_lower(name[i + 1]);
    return lower_before || (is_upper(name[i - 1]) && lower_behind);
  }

  void end_word() {
    const std::size_t begin = words_ == 0 ? 0 : ends_[words_ - 1];
    while (size_ > begin && is_digit(letters_[size_ - 1])) --size_;
    if (size_ > begin) ends_[words_++] = static_cast<std::uint8_t>(size_);
  }

  std::array<char, kNameTail> letters_{};
  std::array<std::uint8_t, kNameTail> ends_{};
  std::size_t size_ = 0;
  std::size_t words_ = 0;
};

bool ends_in_noun(const LastWords& words) {
  constexpr std::size_t kWordsMax = 3;
  const std::string_view word = words.last(1);
  if (word == "token" && words.count() > 1 && words.last(2) == "unexpectedtoken") return false;  // A parser's message.
  for (std::size_t count = 1; count <= std::min(kWordsMax, words.count()); ++count) {
    if (holds(kNouns, words.last(count))) return true;
  }
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) { return word.ends_with(ending); });
}

}  // namespace

bool is_short_secret_name(std::string_view name) {
  const LastWords words(name);
  return words.count() > 0 && (words.last(1) == "pw" || words.last(1) == "pass");
}

bool is_secret_name(std::string_view name) {
  LastWords words(name);
  if (words.count() == 0) return false;
  while (!ends_in_noun(words)) {
    if (words.count() == 1 || !holds(kNeutral, words.last(1))) return false;
    words.drop_last();
  }
  return true;
}

}  // namespace runledger
