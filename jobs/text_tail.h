// The end of a stream of text, for a message that says how it came to that.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Keeps the last kBytesMax bytes that it was fed.
class TextTail {
 public:
  static constexpr std::size_t kBytesMax = 16 * 1024;

  void feed(std::string_view bytes);

  // At most the last `characters_max` (1 or more) of it in one line, sanitised before it is cut, so that no half of a
  // secret remains; "…" stands for what came before.
  [[nodiscard]] std::string last(std::size_t characters_max) const;

 private:
  std::string kept_;
  bool cut_ = false;
};

}  // namespace runledger
