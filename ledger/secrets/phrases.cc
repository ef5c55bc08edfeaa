// Compares the words before each space with the rules, from the last word to the first.
#include "ledger/secrets/phrases.h"

#include <algorithm>

#include "ledger/base/ascii.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/placeholders.h"
#include "ledger/secrets/values.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

constexpr std::string_view kAnyWord = "*";

// The word without quotation marks and punctuation around it.
std::string_view bare_word(std::string_view word) {
  constexpr std::string_view kAround = "\"'`*:;,?(){}[]";
  const std::size_t first = std::min(word.find_first_not_of(kAround), word.size());
  word.remove_prefix(first);
  return word.substr(0, word.find_last_not_of(kAround) + 1);
}

bool equals_word(std::string_view word, std::string_view rule) {
  if (word.size() != rule.size()) return false;
  const bool is_exact = std::any_of(rule.begin(), rule.end(), is_upper);
  return is_exact ? word == rule : equals_ignoring_case(word, rule);
}

// True for a word that says how the key after it is written: pre-shared-key ascii-text …, key 7 ….
bool is_kind_of_key(std::string_view word) {
  constexpr std::array kKinds = std::to_array<std::string_view>(
      {"ascii-text", "ascii", "hexadecimal", "hex", "local", "remote", "cipher", "encrypted", "plain", "simple"});
  return word.size() < 2 || is_one_of(word, kKinds);
}

// The words of a phrase, from the last to the first.
std::vector<std::string_view> words_backwards(std::string_view phrase) {
  std::vector<std::string_view> words;
  while (!phrase.empty()) {
    const std::size_t space = phrase.rfind(' ');
    words.push_back(phrase.substr(space == std::string_view::npos ? 0 : space + 1));
    phrase = phrase.substr(0, space == std::string_view::npos ? 0 : space);
  }
  return words;
}

const PhraseIndex& phrase_index() {
  static const PhraseIndex index;
  return index;
}

}  // namespace

PhraseIndex::PhraseIndex() {
  for (const PhraseRule& rule : phrase_rules()) {
    Entry entry{words_backwards(rule.words), false, rule.demand};
    if (entry.words.front() == ">") {
      entry.is_marked = true;
      entry.words.erase(entry.words.begin());
    }
    std::size_t any_words = 0;
    while (entry.words[any_words] == kAnyWord) ++any_words;
    const std::size_t bucket = bucket_of(entry.words[any_words], any_words);
    entries_[bucket].push_back(std::move(entry));
  }
  // The longest phrase says most about the value.
  for (auto& entries : entries_) {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.words.size() > b.words.size(); });
  }
}

// A hash of the size, the last two letters in lower case and the number of words after it.
std::size_t PhraseIndex::bucket_of(std::string_view word, std::size_t any_words) {
  std::size_t hash = word.size() * 5 + any_words;
  for (std::size_t i = word.size() - std::min<std::size_t>(word.size(), 2); i < word.size(); ++i)
    hash = hash * 37 + static_cast<unsigned char>(to_lower(word[i]));
  return hash % kBuckets;
}

const std::vector<PhraseIndex::Entry>& PhraseIndex::ending_with(std::string_view word, std::size_t any_words) const {
  return entries_[bucket_of(word, any_words)];
}

std::string_view Phrases::word_back(std::size_t index) const {
  return words_[(count_ - 1 - index) % kWordsMax];
}

bool Phrases::fits(const PhraseIndex::Entry& entry) const {
  if (entry.words.size() > std::min(count_, kWordsMax)) return false;
  for (std::size_t i = 0; i < entry.words.size(); ++i) {
    if (entry.words[i] != kAnyWord && !equals_word(word_back(i), entry.words[i])) return false;
  }
  return true;
}

std::optional<TextSpan> Phrases::secret_from(std::size_t begin, const PhraseIndex::Entry& entry) const {
  constexpr std::size_t kValueMax = 256;
  if (entry.is_marked && text_[begin++] != '>') return std::nullopt;
  if (begin >= text_.size()) return std::nullopt;
  const bool quotes = is_quote(text_[begin]);
  const std::string_view rest = text_.substr(begin + (quotes ? 1U : 0U), kValueMax);
  const std::size_t end = quotes ? rest.find(text_[begin]) : rest.find_first_of(" \t\r\n;\"'`<");
  const std::string_view word = rest.substr(0, end);
  std::string_view value = quotes ? word : without_closers(word);
  if (value.ends_with("\\r") || value.ends_with("\\n")) value.remove_suffix(2);  // The end of a line that is sent.
  const Demand demand = entry.demand != Demand::kAssigned ? entry.demand : quotes ? Demand::kAny : Demand::kMarked;
  if (value.empty() || is_redacted(word) || is_placeholder(value) || !meets(demand, value)) return std::nullopt;
  if (std::string_view("-/\\+~&").find(value.front()) != std::string_view::npos) return std::nullopt;
  if (quotes ? is_statement(value) : is_prose(value) || is_kind_of_key(value)) return std::nullopt;
  // "The pre-shared-key extension is missing": a word in small letters before another goes on with a sentence.
  const bool is_plain = std::all_of(value.begin(), value.end(), is_lower);
  if (!quotes && is_plain && word.size() + 1 < rest.size() && rest[word.size()] == ' ' &&
      is_lower(rest[word.size() + 1]))
    return std::nullopt;
  const std::size_t first = begin + (quotes ? 1U : 0U);
  return TextSpan{first, first + value.size()};
}

std::optional<TextSpan> Phrases::value_after(std::size_t position) {
  constexpr std::size_t kWordMax = 64;
  const std::size_t begin = next_begin_;
  next_begin_ = position + 1;
  if (position <= begin) return std::nullopt;
  const std::size_t size = std::min(position - begin, kWordMax);
  const std::string_view word = bare_word(text_.substr(position - size, size));
  if (!word.empty()) words_[count_++ % kWordsMax] = word;
  const std::size_t value = skip(text_, position, is_space, 8);
  if (value >= text_.size()) return std::nullopt;
  for (std::size_t any_words = 0; any_words <= PhraseIndex::kAnyWordsMax && any_words < count_; ++any_words) {
    for (const PhraseIndex::Entry& entry : phrase_index().ending_with(word_back(any_words), any_words)) {
      if (!fits(entry)) continue;
      if (auto secret = secret_from(value, entry)) return secret;
    }
  }
  return std::nullopt;
}

}  // namespace runledger
