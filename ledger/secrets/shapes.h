// Finds credentials that are recognisable by their own shape, wherever they stand in a text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "ledger/secrets/folded_text.h"

namespace runledger {

// Finds the end of a run of characters and remembers it, so that many searches from within one long run cost no more
// than one.
template <class Predicate>
class RunEnd {
 public:
  // Returns the first position, from `position` on, whose character is not in the run; text.size() at the end of the
  // text. Requires the same text in every call.
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

struct IsBase64Url {
  bool operator()(char c) const;
};

// Excludes white space, quotes and angle brackets, which surround addresses.
struct IsAddress {
  bool operator()(char c) const;
};

// Each function returns the secret, if any, that the character at `position` may betray. The object holds the state
// that keeps scanning a whole text linear in its length, so callers must pass positions in ascending order. It looks
// into the text, which must outlive it, and is not thread-safe.
class SecretShapes {
 public:
  explicit SecretShapes(std::string_view text) : text_(text) {}

  // A JSON Web Token, which begins with "eyJ"; `position` is that of the J.
  [[nodiscard]] std::optional<TextSpan> web_token(std::size_t position);

  // An AWS access key id, with the secret key when one follows closely; `position` is that of the id's second
  // character.
  [[nodiscard]] std::optional<TextSpan> aws_key(std::size_t position) const;

  // An Azure client secret; `position` is that of its "~".
  [[nodiscard]] std::optional<TextSpan> azure_client_secret(std::size_t position) const;

  // 64 bytes in base64, as Azure's storage keys are; `position` is that of the first "=".
  [[nodiscard]] std::optional<TextSpan> azure_account_key(std::size_t position) const;

  // A private key in PEM, or the rest of one whose beginning was cut off; `position` is that of the first hyphen before
  // its label.
  [[nodiscard]] std::optional<TextSpan> private_key(std::size_t position) const;

  // The password in the user information of a URL, or a token in its place; `position` is that of the colon of "://".
  [[nodiscard]] std::optional<TextSpan> url_password(std::size_t position);

  // The password in an Oracle address such as jdbc:oracle:thin:scott/…@db; `position` is that of the last of these
  // colons.
  [[nodiscard]] std::optional<TextSpan> oracle_password(std::size_t position);

  // The path of a chat service's webhook address, or of a link that logs its reader in, which is the credential;
  // `position` is that of a slash.
  [[nodiscard]] std::optional<TextSpan> webhook(std::size_t position) const;

  // The second part of a token of a Telegram bot; `position` is that of its colon.
  [[nodiscard]] std::optional<TextSpan> telegram_token(std::size_t position) const;

  // A token of a Discord bot; `position` is that of its first dot.
  [[nodiscard]] std::optional<TextSpan> discord_token(std::size_t position) const;

  // The hashes of a Windows password in a line of its database, user:rid:lm:nt:::; `position` is that of the first of
  // the last three colons.
  [[nodiscard]] std::optional<TextSpan> password_database_entry(std::size_t position) const;

  // A session id of Salesforce; `position` is that of its "!".
  [[nodiscard]] std::optional<TextSpan> salesforce_session(std::size_t position) const;

  // Keys that are marked near their end: of Mailchimp ("-us1", `position` is that of the hyphen), of MaxMind ("_mmk",
  // that of the "_"), of Azure's services ("AZDO" and others, that of the mark's second character).
  [[nodiscard]] std::optional<TextSpan> mailchimp_key(std::size_t position) const;
  [[nodiscard]] std::optional<TextSpan> maxmind_key(std::size_t position) const;
  [[nodiscard]] std::optional<TextSpan> azure_marked_key(std::size_t position) const;

  // The body of a private key file of PuTTY; `position` is that of the colon after "Private-Lines".
  [[nodiscard]] std::optional<TextSpan> putty_key(std::size_t position) const;

  // The password in an entry of PostgreSQL's password file; `position` is that of its first colon.
  [[nodiscard]] std::optional<TextSpan> password_file_entry(std::size_t position) const;

  // The value after "Bearer " or "Basic "; `position` is that of the space.
  [[nodiscard]] std::optional<TextSpan> scheme_value(std::size_t position) const;

 private:
  [[nodiscard]] std::optional<TextSpan> login_link(std::size_t position) const;
  [[nodiscard]] std::optional<TextSpan> url_user(std::size_t begin, std::string_view authority) const;
  [[nodiscard]] std::optional<TextSpan> end_of_key(std::size_t position, std::size_t label) const;

  // Returns the position of the last "@" of the address [begin, end), or zero when it has no "@".
  std::size_t last_at(std::size_t begin, std::size_t end);

  std::string_view text_;
  RunEnd<IsBase64Url> header_;
  RunEnd<IsBase64Url> payload_;
  RunEnd<IsBase64Url> signature_;
  RunEnd<IsAddress> address_;
  std::size_t address_end_ = 0;  // The end of the address that last_at() searched last.
  std::size_t address_at_ = 0;   // Its last "@", or zero when it has no "@".
};

}  // namespace runledger
