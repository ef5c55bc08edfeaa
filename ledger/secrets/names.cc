// Splits a name into words and compares its last words with the rules, the most words first.
//
// The rules are folded and indexed once, when the first name is looked up: those of whole words in a sorted list, and
// those that also fit the end of a longer word by their last byte.
#include "ledger/secrets/names.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/base/ascii.h"
#include "ledger/secrets/folded_text.h"

namespace runledger {

namespace {

// A letter of any script: bytes beyond ASCII are parts of letters, once punctuation and spaces are folded.
bool is_letter_byte(char c) {
  return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

// Orders by length first: most words differ in length, so that a search compares few letters.
bool is_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// The words at the end of a name, in lower case and without the digits at their ends. Reads at most kNameTail bytes, so
// that a name of any length costs the same and needs no allocation.
class LastWords {
 public:
  explicit LastWords(std::string_view name) {
    name = name.substr(name.size() - std::min(name.size(), kNameTail));
    for (std::size_t i = 0; i < name.size(); ++i) {
      const char c = name[i];
      if (!is_letter_byte(c)) {
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

  [[nodiscard]] std::string_view word(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return {letters_.data() + begin, ends_[index] - begin};
  }

  // Keeps the first `count` words, which are one or more.
  void keep(std::size_t count) {
    words_ = count;
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

struct IndexedRule {
  std::string name;  // Folded, its words written together.
  Demand demand;
};

std::string written_together(std::string_view name) {
  std::string joined;
  for (const char c : folded(name)) {
    if (is_letter_byte(c)) joined += c;
  }
  return joined;
}

class NameIndex {
 public:
  NameIndex() {
    for (const NameRule& rule : name_rules()) {
      IndexedRule indexed{written_together(rule.name), rule.demand};
      tails_.set(tail_hash(folded(rule.name)));
      if (rule.place == NamePlace::kEnding)
        endings_[static_cast<unsigned char>(indexed.name.back())].push_back(indexed);
      (rule.place == NamePlace::kQuery ? parameters_ : words_).push_back(std::move(indexed));
    }
    for (auto* rules : {&words_, &parameters_}) std::sort(rules->begin(), rules->end(), are_ordered);
  }

  [[nodiscard]] const IndexedRule* find_words(const LastWords& words) const {
    constexpr std::size_t kWordsMax = 5;
    const IndexedRule* longest = find_ending(words.last(1));
    for (std::size_t count = std::min(kWordsMax, words.count()); count > 0; --count) {
      const IndexedRule* found = find(words_, words.last(count));
      if (found == nullptr) continue;
      return longest != nullptr && longest->name.size() > found->name.size() ? longest : found;
    }
    return longest;
  }

  [[nodiscard]] bool may_end(std::string_view text) const { return tails_[tail_hash(text)]; }

  [[nodiscard]] const IndexedRule* find_parameter(std::string_view word) const { return find(parameters_, word); }

 private:
  static constexpr std::size_t kTails = 8192;

  // A hash of the last three letters, in lower case.
  static std::size_t tail_hash(std::string_view text) {
    std::size_t hash = 0;
    for (std::size_t i = text.size() - std::min<std::size_t>(text.size(), 3); i < text.size(); ++i)
      hash = hash * 37 + static_cast<unsigned char>(to_lower(text[i]));
    return hash % kTails;
  }

  static bool are_ordered(const IndexedRule& a, const IndexedRule& b) { return is_before(a.name, b.name); }

  static const IndexedRule* find(const std::vector<IndexedRule>& rules, std::string_view name) {
    const auto found =
        std::lower_bound(rules.begin(), rules.end(), name,
                         [](const IndexedRule& rule, std::string_view value) { return is_before(rule.name, value); });
    return found != rules.end() && found->name == name ? &*found : nullptr;
  }

  [[nodiscard]] const IndexedRule* find_ending(std::string_view word) const {
    const IndexedRule* longest = nullptr;
    for (const IndexedRule& rule : endings_[static_cast<unsigned char>(word.back())]) {
      if (word.ends_with(rule.name) && (longest == nullptr || rule.name.size() > longest->name.size())) longest = &rule;
    }
    return longest;
  }

  std::vector<IndexedRule> words_;
  std::vector<IndexedRule> parameters_;
  std::array<std::vector<IndexedRule>, 256> endings_;
  std::bitset<kTails> tails_;
};

const NameIndex& name_index() {
  static const NameIndex index;
  return index;
}

// True for a word that does not change what a name is the name of: a "password value" is a password.
bool is_neutral(std::string_view word) {
  // The formatter would put every word on a line of its own.
  // clang-format off
  constexpr std::array kNeutral = std::to_array<std::string_view>({
      "as", "is", "b64", "new", "old", "raw", "str", "was", "data", "json", "text", "force", "given", "plain", "value",
      "base64", "header", "repeat", "string", "confirm", "current", "default", "encoded", "literal", "usuario",
      "previous",
      "provided", "supplied", "plaintext", "utilisateur", "confirmation", "користувача", "пользователя",
  });
  // clang-format on
  static_assert(std::is_sorted(kNeutral.begin(), kNeutral.end(), [](std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }));
  return std::binary_search(kNeutral.begin(), kNeutral.end(), word, is_before);
}

// The number of words before the first preposition after the first word; zero when there is none.
std::size_t words_before_preposition(const LastWords& words) {
  constexpr std::array kPrepositions = std::to_array<std::string_view>(
      {"for", "of", "fur", "von", "pour", "para", "de", "do", "da", "di", "del", "des"});
  for (std::size_t i = 1; i < words.count(); ++i) {
    if (std::find(kPrepositions.begin(), kPrepositions.end(), words.word(i)) != kPrepositions.end()) return i;
  }
  return 0;
}

Demand demand_of_words(LastWords words) {
  while (true) {
    if (const IndexedRule* rule = name_index().find_words(words)) return rule->demand;
    if (words.count() == 1 || !is_neutral(words.last(1))) return Demand::kNever;
    words.keep(words.count() - 1);
  }
}

}  // namespace

Demand demand_of(std::string_view folded_name) {
  LastWords words(folded_name);
  if (words.count() == 0) return Demand::kNever;
  if (const Demand demand = demand_of_words(words); demand != Demand::kNever) return demand;
  const std::size_t kept = words_before_preposition(words);
  if (kept == 0) return Demand::kNever;
  words.keep(kept);
  const Demand demand = demand_of_words(words);
  return demand == Demand::kNever ? demand : std::max(demand, Demand::kMixed);
}

bool may_end_secret_name(std::string_view folded_text) {
  return name_index().may_end(folded_text);
}

Demand demand_of_parameter(std::string_view folded_name) {
  const LastWords words(folded_name);
  if (words.count() == 0) return Demand::kNever;
  if (const Demand demand = demand_of(folded_name); demand != Demand::kNever) return demand;
  const IndexedRule* rule = words.count() == 1 ? name_index().find_parameter(words.last(1)) : nullptr;
  return rule == nullptr ? Demand::kNever : rule->demand;
}

}  // namespace runledger
