// Keeps the end of a stream of text, for the message about a command that failed.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Keeps the last kBytesMax bytes of its input. Used by one thread.
class TextTail {
 public:
  static constexpr std::size_t kBytesMax = 16 * 1024;
  // If the input was longer than that, this much of the kept text only serves to interpret the rest and is never shown.
  static constexpr std::size_t kContextBytes = kBytesMax / 2;

  void feed(std::string_view bytes);

  // Returns at most the last `characters_max` (1 or more) characters as one line; "…" stands for omitted text before
  // them. The text is sanitised before it is shortened, and text whose sanitised form would depend on how much of the
  // input before it is known is not shown. Neither is the rest of a private key whose beginning has left the kept text.
  // Terminal sequences are removed as a whole, also one at the end that was never finished.
  // So no part of a secret is shown, unless it is no private key, and it began or was named more than kContextBytes
  // before its end, with white space in between.
  [[nodiscard]] std::string last(std::size_t characters_max) const;

 private:
  std::string kept_;
  bool cut_ = false;
  bool starts_in_key_ = false;  // The kept text begins inside a private key.
};

}  // namespace runledger
