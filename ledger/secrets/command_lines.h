// Finds passwords on command lines, which only the command and the place give away: mysql -psecret, curl -u bob:secret.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "ledger/secrets/folded_text.h"

namespace runledger {

// Each function examines one position of the folded text and returns the bytes to redact, or nullopt when there is no
// secret. Callers pass positions in ascending order: the object reads the words up to there once, to know the command.
// It looks into the text, which must outlive it. Not thread-safe.
class CommandLines {
 public:
  explicit CommandLines(std::string_view text) : text_(text) {}

  // The password of an option of one letter or two; `position` is that of its hyphen or slash.
  [[nodiscard]] std::optional<TextSpan> option_password(std::size_t position);

  // What a pipe feeds to a command that reads a password: echo secret | sudo -S; `position` is that of the "|".
  [[nodiscard]] std::optional<TextSpan> piped_password(std::size_t position);

  // The password of a database login user/password@host or user:password@tcp(host); `position` is that of the "@".
  [[nodiscard]] std::optional<TextSpan> login_password(std::size_t position);

  // The password after the user of a network share: net use … /user:bob secret; `position` is that of the colon.
  [[nodiscard]] std::optional<TextSpan> share_password(std::size_t position);

 private:
  void read_words_to(std::size_t position);
  void read_word(std::string_view word);
  [[nodiscard]] bool is_command(std::string_view names) const;

  std::string_view text_;
  std::size_t read_to_ = 0;
  std::size_t pipe_ = 0;      // The last pipe.
  std::string_view command_;  // The last word that a rule has as a command.
  std::string_view word_;     // The last word after it that a rule asks for.
};

}  // namespace runledger
