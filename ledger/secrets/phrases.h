// Finds secrets by the words before them, where no name is written: requirepass …, net user bob …, IDENTIFIED WITH x BY
// ….
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/phrase_rules.h"

namespace runledger {

// The rules, indexed by the last word that is not "*". Immutable, so any thread may use it.
class PhraseIndex {
 public:
  PhraseIndex();

  struct Entry {
    std::vector<std::string_view> words;  // From the last to the first.
    bool is_marked = false;               // The secret has a ">" before it.
    Demand demand = Demand::kNever;
  };

  // Returns the phrases that end with the word and so many words "*" after it.
  [[nodiscard]] const std::vector<Entry>& ending_with(std::string_view word, std::size_t any_words) const;

  static constexpr std::size_t kAnyWordsMax = 3;

 private:
  static constexpr std::size_t kBuckets = 1024;
  static std::size_t bucket_of(std::string_view word, std::size_t any_words);

  std::array<std::vector<Entry>, kBuckets> entries_;
};

// Looks at the spaces of a folded text in ascending order, and remembers the words between the last ones, so that each
// space costs the same. It looks into the text, which must outlive it. Not thread-safe.
class Phrases {
 public:
  explicit Phrases(std::string_view text) : text_(text) {}

  // Returns the secret after the space at the position, if the words before it say that there is one.
  [[nodiscard]] std::optional<TextSpan> value_after(std::size_t position);

 private:
  static constexpr std::size_t kWordsMax = 8;

  [[nodiscard]] std::string_view word_back(std::size_t index) const;
  [[nodiscard]] bool fits(const PhraseIndex::Entry& entry) const;
  [[nodiscard]] std::optional<TextSpan> secret_from(std::size_t begin, const PhraseIndex::Entry& entry) const;

  std::string_view text_;
  std::array<std::string_view, kWordsMax> words_;  // A ring of the last words.
  std::size_t count_ = 0;
  std::size_t next_begin_ = 0;  // Where the word after the last space begins.
};

}  // namespace runledger
