// Credentials that are recognised by their own shape, wherever they stand in a text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace runledger {

// Bytes [begin, end) of a text.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The end of the run of characters from a position on, remembered, so that many starts within one long run cost no more
// than one.
template <class Predicate>
class RunEnd {
 public:
  // The first position at or behind `position` whose character is not of the run.
  std::size_t of(std::string_view text, std::size_t position) {
    if (position >= begin_ && position < end_) return end_;
    begin_ = position;
    end_ = position;
    while (end_ < text.size() && Predicate{}(text[end_])) ++end_;
    return end_;
  }

 private:
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// The characters that prefixed_token() is to be asked at.
inline constexpr std::string_view kPrefixEnds = "_-.ai";

struct IsBase64Url {
  bool operator()(char c) const;
};

// Not white space, quotes or angle brackets, which stand around addresses.
struct IsAddress {
  bool operator()(char c) const;
};

// Finds the secret, if any, that is betrayed by the character at a position of the text. Holds the state that keeps
// the whole of a text linear in its length; positions must be asked for in ascending order.
class SecretShapes {
 public:
  explicit SecretShapes(std::string_view text) : text_(text) {}

  // "eyJ" of a JSON Web Token; `position` is that of the J.
  [[nodiscard]] std::optional<TextSpan> web_token(std::size_t position);

  // A prefix that a provider gives its tokens; `position` is that of the prefix's last character.
  [[nodiscard]] std::optional<TextSpan> prefixed_token(std::size_t position) const;

  // An AWS access key id, with the secret key when that stands close behind it; `position` is that of the id's second
  // character.
  [[nodiscard]] std::optional<TextSpan> aws_key(std::size_t position) const;

  // An Azure client secret; `position` is that of its "~".
  [[nodiscard]] std::optional<TextSpan> azure_client_secret(std::size_t position) const;

  // 64 bytes in base64, as Azure's storage keys are; `position` is that of the first "=".
  [[nodiscard]] std::optional<TextSpan> azure_account_key(std::size_t position) const;

  // A private key in PEM; `position` is that of the first of five hyphens.
  [[nodiscard]] std::optional<TextSpan> private_key(std::size_t position) const;

  // The user information in the authority of a URL, when it has a password; `position` is that of the colon of "://".
  [[nodiscard]] std::optional<TextSpan> url_password(std::size_t position);

  // The password in an Oracle address such as jdbc:oracle:thin:scott/…@db; `position` is that of the last of these
  // colons.
  [[nodiscard]] std::optional<TextSpan> oracle_password(std::size_t position);

  // A webhook address of a chat service, whose path is the credential; `position` is that of a slash.
  [[nodiscard]] std::optional<TextSpan> webhook(std::size_t position) const;

  // The value behind "Bearer " or "Basic "; `position` is that of the space.
  [[nodiscard]] std::optional<TextSpan> scheme_value(std::size_t position) const;

 private:
  // Where the last "@" of the address [begin, end) is; zero: it has none.
  std::size_t last_at(std::size_t begin, std::size_t end);

  std::string_view text_;
  RunEnd<IsBase64Url> header_;
  RunEnd<IsBase64Url> payload_;
  RunEnd<IsBase64Url> signature_;
  RunEnd<IsAddress> address_;
  std::size_t address_end_ = 0;  // Of the address whose last "@" is at address_at_, if it has one.
  std::size_t address_at_ = 0;
};

}  // namespace runledger
