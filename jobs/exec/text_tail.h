// The end of a stream of text, for a message that says how it came to that.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Keeps the last kBytesMax bytes that it was fed.
class TextTail {
 public:
  static constexpr std::size_t kBytesMax = 16 * 1024;
  // Where more was fed than is kept, so much of what is kept only tells what the rest belongs to, and is never shown.
  static constexpr std::size_t kContextBytes = kBytesMax / 2;

  void feed(std::string_view bytes);

  // At most the last `characters_max` (1 or more) of it in one line; "…" stands for what came before. Sanitised before
  // it is cut to that, and nothing is shown that looks otherwise when less of what came before is known. So no part of
  // a secret is shown, unless it began, or was named, more than kContextBytes before it ends, with white space in
  // between.
  [[nodiscard]] std::string last(std::size_t characters_max) const;

 private:
  std::string kept_;
  bool cut_ = false;
};

}  // namespace runledger
