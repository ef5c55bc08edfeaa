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
#include <optional>
#include <string>
#include <vector>

#include "ledger/base/ascii.h"
#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/name_words.h"

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
    for (const NameRule& rule : name_rules()) add(rule);
    for (const NameRule& rule : language_name_rules()) add(rule);
    for (auto* rules : {&words_, &parameters_}) std::sort(rules->begin(), rules->end(), are_ordered);
  }

  [[nodiscard]] const IndexedRule* find_words(const LastWords& words) const {
    constexpr std::size_t kWordsMax = 5;
    const IndexedRule* longest = find_ending(words.last(1));
    for (std::size_t count = std::min(kWordsMax, words.count()); count > 0; --count) {
      const std::string_view name = words.last(count);
      if (!forms_[form_hash(name)]) continue;
      const IndexedRule* found = find(words_, name);
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

  void add(const NameRule& rule) {
    IndexedRule indexed{written_together(rule.name), rule.demand};
    tails_.set(tail_hash(folded(rule.name)));
    forms_.set(form_hash(indexed.name));
    // The tail of a shorter name has what is before it: "the pw".
    for (const std::string_view before : {" ", "-", "_"}) {
      if (indexed.name.size() == 2) tails_.set(tail_hash(std::string(before) + indexed.name));
    }
    if (rule.place == NamePlace::kEnding) endings_[static_cast<unsigned char>(indexed.name.back())].push_back(indexed);
    (rule.place == NamePlace::kQuery ? parameters_ : words_).push_back(std::move(indexed));
  }

  // A hash of the size, the first letter and the last one.
  static std::size_t form_hash(std::string_view name) {
    return (name.size() * 797 + static_cast<unsigned char>(name.front()) * 89U +
            static_cast<unsigned char>(name.back()) * 31U) %
           kTails;
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
  std::bitset<kTails> forms_;  // Those of names, so that most words need no search.
};

const NameIndex& name_index() {
  static const NameIndex index;
  return index;
}

// The number of words before the first preposition after the first word; zero when there is none.
std::size_t words_before_preposition(const LastWords& words) {
  for (std::size_t i = 1; i < words.count(); ++i) {
    if (is_preposition(words.word(i))) return i;
  }
  return 0;
}

// Nullopt when no rule fits; kNever when a rule says that the name only resembles that of a secret.
std::optional<Demand> demand_of_words(const LastWords& words) {
  if (const IndexedRule* rule = name_index().find_words(words)) return rule->demand;
  if (words.count() == 1 || !is_neutral_word(words.last(1))) return std::nullopt;
  LastWords kept = words;
  kept.keep(words.count() - 1);
  return demand_of_words(kept);
}

// True for the demands of names that are those of secrets and of little else, so that a name may go on after them.
bool is_of_strong_name(Demand demand) {
  return demand != Demand::kNever && demand != Demand::kDigits && demand != Demand::kPin && demand != Demand::kBasic &&
         demand < Demand::kOpaque;
}

// A name that tells after the secret which one of several it is: DB_PASSWORD_PROD, apiKeyV2. An unknown word there may
// as well be what the name is the name of, so that the value has to show more.
Demand demand_before_suffix(std::string_view name) {
  constexpr int kSuffixesMax = 4;
  name.remove_prefix(name.rfind(' ') + 1);
  LastWords words(name);
  const bool is_upper_case = std::none_of(name.begin(), name.end(), is_lower);
  Demand least = Demand::kAny;
  for (int i = 0; i < kSuffixesMax && words.count() > 1; ++i) {
    if (!is_qualifier(words.last(1))) {
      if (i > 0 || names_other_thing(words.last(1))) return Demand::kNever;
      least = is_upper_case ? Demand::kMixed : Demand::kOpaque;
    }
    words.keep(words.count() - 1);
    const auto demand = demand_of_words(words);
    if (demand) return is_of_strong_name(*demand) ? std::max(*demand, least) : Demand::kNever;
    if (names_other_thing(words.last(1))) return Demand::kNever;
  }
  return Demand::kNever;
}

// A password or a code whose owner follows without a preposition: пароль пользователя app.
Demand demand_before_owner(const LastWords& all, std::string_view name) {
  if (name.find(' ') == std::string_view::npos || name.find(". ") != std::string_view::npos) return Demand::kNever;
  LastWords words = all;
  while (words.count() > 1) {
    const std::string_view word = words.word(words.count() - 1);
    if (names_other_thing(word) || word.ends_with("ing") || word.ends_with("ed")) return Demand::kNever;
    words.keep(words.count() - 1);
    const auto demand = demand_of_words(words);
    if (demand == Demand::kAny) return Demand::kMarked;
    if (demand == Demand::kDigits) return Demand::kDigits;
  }
  return Demand::kNever;
}

}  // namespace

Demand demand_of(std::string_view folded_name) {
  LastWords words(folded_name);
  if (words.count() == 0) return Demand::kNever;
  if (const auto demand = demand_of_words(words)) return *demand;
  // FASTLY_KEY: there are more services than rules.
  if (words.count() > 1 && words.last(1) == "key") return Demand::kToken;
  if (const Demand demand = demand_before_suffix(folded_name); demand != Demand::kNever) return demand;
  const std::size_t kept = words_before_preposition(words);
  if (kept == 0) return demand_before_owner(words, folded_name);
  words.keep(kept);
  const Demand demand = demand_of_words(words).value_or(Demand::kNever);
  return demand == Demand::kNever ? demand : std::max(demand, Demand::kMarked);
}

bool is_name_of_other(std::string_view folded_name) {
  const LastWords words(folded_name);
  return words.count() > 0 && names_other_thing(words.word(words.count() - 1));
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
