// Brings a text into the form in which secrets are looked for, with a way back to the bytes of the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runledger {

// Bytes [begin, end) of a text.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The folded form shows what a text means to a reader or to the program that it was written for. In it,
//   - full-width, styled and accented letters are plain ones: Unicode's compatibility decomposition (UAX #15) without
//     its marks; letters outside ASCII are small;
//   - spaces, quotation marks, dashes and colons of all scripts are those of ASCII, and an arrow is "=>";
//   - HTML's character references (&quot; &#61;), escapes of strings (\u003d \x3d) and the percent-encoded forms of
//     = : " ' { } are the characters that they stand for, also when they were escaped again (&amp;quot; %253D); a
//     quotation mark among them has a backslash before it;
//   - terminal sequences are gone, escaped ones too, and those that have lost their ESC ([0m).
//
// Escapes of single letters (\n \") stay: a bare backslash is as often part of a path or a password. Invalid bytes stay
// as they are. The text is kept by reference where it is folded already, so it must outlive the object.
class FoldedText {
 public:
  explicit FoldedText(std::string_view text);

  [[nodiscard]] std::string_view view() const { return is_changed_ ? std::string_view(folded_) : text_; }

  // Returns the bytes of the text that a part of view() was made from, in whole characters and escapes. Requires a part
  // that is not empty.
  [[nodiscard]] TextSpan origin_of(TextSpan part) const;

 private:
  // A piece of the text that became another one; between two of them, the text is as it was.
  struct Change {
    TextSpan folded;
    TextSpan origin;
  };

  void fold_from(std::size_t position);
  void add(std::size_t folded_begin, TextSpan origin);
  [[nodiscard]] const Change* change_before(std::size_t folded_position) const;

  std::string_view text_;
  bool is_changed_ = false;
  std::string folded_;
  std::vector<Change> changes_;  // Ascending and disjoint, in both texts.
};

// Returns the folded form of a text on its own.
[[nodiscard]] std::string folded(std::string_view text);

}  // namespace runledger
