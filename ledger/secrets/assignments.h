// Finds values that are secrets because of the name before them, as in password=…, "client_secret": "…", --token …,
// <password>… and key="DbPassword" value="…".
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/name_rules.h"

namespace runledger {

// Each function examines one position of the folded text and returns the bytes to redact, or nullopt when there is no
// secret. Callers pass positions in ascending order, because the object keeps what keeps the scan of a whole text
// linear in its length, and the names that wait for a value. It looks into the text, which must outlive it. Not
// thread-safe.
class Assignments {
 public:
  explicit Assignments(std::string_view text) : text_(text) {}

  // The value after a separator. `position` is that of "=", ":", or of "->".
  [[nodiscard]] std::optional<TextSpan> assigned_value(std::size_t position);

  // The second argument of a call whose first is a name: define('AUTH_KEY', '…'). `position` is that of the comma.
  [[nodiscard]] std::optional<TextSpan> argument_value(std::size_t position);

  // The value of an option such as --password or -Password. `position` is that of the option's first hyphen.
  [[nodiscard]] std::optional<TextSpan> option_value(std::size_t position);

  // The content of an XML element. `position` is that of the ">" that ends an opening tag such as <password> or
  // <property name="db.password">.
  [[nodiscard]] std::optional<TextSpan> element_value(std::size_t position);

  // A quoted value without a separator. `position` is that of a quotation mark after a name and a space:
  // password "…", the password is "…".
  [[nodiscard]] std::optional<TextSpan> quoted_value(std::size_t position);

  // A value without a separator and without quotes. `position` is that of the space before it: password …, the
  // password is …, login bob password ….
  [[nodiscard]] std::optional<TextSpan> spoken_value(std::size_t position);

  // A value without a space before it: パスワードは…. `position` is that of the last byte of a letter outside ASCII.
  [[nodiscard]] std::optional<TextSpan> value_beside(std::size_t position);

  // Tells that an object or an empty element ends here: a name before it has no value after it.
  void end_object();

  // Tells that an object begins at the "{" at the position, which may have a name: variable "db_pass" {.
  void begin_block(std::size_t position);

  // Tells that a tag begins at the position: only a name in the same tag is that of an attribute value="…".
  void begin_tag(std::size_t position);

  // Returns the end of the word that begins at the position: white space, ; & < > or a quotation mark that closes it.
  [[nodiscard]] std::size_t word_end(std::size_t begin);

 private:
  // [begin, closers) is the word without the closing brackets and punctuation at its end.
  struct Word {
    std::size_t begin = 0;
    std::size_t closers = 0;
    std::size_t end = 0;
  };

  struct Named {
    std::size_t position = 0;
    Demand demand = Demand::kNever;
    bool is_type = false;  // By type="password" rather than by a name.
  };

  Word word_at(std::size_t begin);
  std::optional<TextSpan> value_from(std::size_t position, Demand demand, bool is_assigned);
  std::optional<TextSpan> quoted_from(std::size_t position, Demand demand, bool is_assigned);
  std::optional<TextSpan> braced_from(std::size_t position, Demand demand);
  std::optional<TextSpan> pair_password(std::string_view name, std::size_t position);
  std::optional<TextSpan> bare_from(std::size_t position, Demand demand, bool is_assigned);
  std::optional<TextSpan> credentials_after(TextSpan scheme);
  std::size_t parameters_end(std::size_t begin);
  std::optional<TextSpan> code_from(std::size_t begin, std::size_t digits_min);
  std::optional<TextSpan> set_value(std::size_t position);
  std::optional<TextSpan> named_option_value(std::string_view name, std::size_t value);
  [[nodiscard]] Demand demand_before(const NameBefore& before, std::size_t position) const;
  TextSpan with_further_codes(TextSpan first);
  std::optional<TextSpan> after_dash(std::size_t position);
  std::optional<TextSpan> tuple_value(std::size_t position);
  [[nodiscard]] bool begins_login(std::size_t position) const;
  void name_next(std::size_t position, std::string_view called);
  std::optional<TextSpan> attribute_value(std::string_view name, std::size_t position);
  TextSpan value_at(std::size_t position);
  std::optional<TextSpan> cookies_from(TextSpan first);

  std::string_view text_;
  std::size_t tag_ = 0;              // Where the last tag begins.
  Word word_;                        // The word that word_at() measured last.
  std::optional<Named> named_;       // The last name="…" with the name of a secret.
  std::optional<TextSpan> unnamed_;  // The last value="…" of an object that has not named it yet.
};

}  // namespace runledger
