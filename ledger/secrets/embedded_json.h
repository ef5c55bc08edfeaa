// Finds secrets in JSON that is embedded in a text, by the rules for the members of an input.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/name_rules.h"

namespace runledger {

// Reads the objects and arrays in a folded text, also those of other languages with a like notation (single quotes,
// "=>" after a name), those whose quotation marks have a backslash before them because they are inside a text of JSON,
// and those that the text cuts off. Callers pass positions in ascending order: nothing is read twice. It looks into the
// text, which must outlive it. Not thread-safe.
class EmbeddedJson {
 public:
  // Tells whether a line holds a secret: ["mysql","-p…"] is judged as the line "mysql -p…".
  using LineTest = bool (*)(std::string_view line);

  EmbeddedJson(std::string_view text, LineTest holds_secret) : text_(text), holds_secret_(holds_secret) {}

  // Returns the secrets in the object or the array that begins with the bracket at the position, as far as it is JSON;
  // empty when the position is inside one that was read already. Ascending.
  [[nodiscard]] std::vector<TextSpan> secrets_from(std::size_t position);

 private:
  struct Level {
    bool is_object = false;
    bool is_login = false;                 // The value of a member such as "auth".
    bool is_key = false;                   // It has a member "kty", as JSON Web Keys have.
    Demand above = Demand::kNever;         // That of the names around it.
    Demand beside = Demand::kNever;        // That of the value of its member "name".
    std::optional<std::string_view> name;  // The name of the member whose value comes next.
    std::optional<TextSpan> unnamed;       // The "value" that came before the "name".
    std::string_view outer;                // The name of the member that it is the value of.
    std::vector<TextSpan> unsure;          // Values that are secrets in a JSON Web Key.
    std::string_view command;              // The first element of an array.
    std::string_view before;               // The element before the next one.
    std::size_t elements = 0;
  };

  // A step of the reading; false ends it.
  bool read_next();
  bool read_text();
  bool read_literal();
  bool open(char bracket);
  bool close();

  [[nodiscard]] Demand demand_of_value(Level& level) const;
  void take_member(Level& level, TextSpan value);
  void take_key_member(Level& level, TextSpan value);
  void take_element(Level& level, TextSpan value);
  [[nodiscard]] bool is_secret_element(const Level& level, std::string_view value) const;
  void add_if_secret(Demand demand, TextSpan value);
  [[nodiscard]] std::string_view content(TextSpan span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

  std::string_view text_;
  LineTest holds_secret_;
  std::size_t at_ = 0;  // The end of what was read.
  std::vector<Level> levels_;
  std::vector<TextSpan> secrets_;
};

}  // namespace runledger
