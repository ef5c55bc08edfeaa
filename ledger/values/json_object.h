// Reads the members of JSON objects strictly: what the caller does not know is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/values/json_value.h"
#include "ledger/values/number.h"
#include "ledger/values/rejection.h"
#include "ledger/values/time.h"

namespace runledger {

// A view of a value, which must outlive it, as must the texts that it is made with.
//
// Every function throws Refused, with the caller's code, for a member that has another form than asked for. A member
// that is null counts as absent, except for members(), has() and the nullable ones. A function that begins with find
// gives null or nothing for an absent member, one that ends in _or the other value; every other refuses it.
class JsonObject {
 public:
  // `name` is what messages call the object, as in "expected NAME to have …". Refuses what is no object.
  JsonObject(const JsonValue& value, std::string_view name, std::string_view code);

  // Refuses any member that is not among these.
  const JsonObject& only(const std::vector<std::string_view>& known) const;

  // The same object with another code.
  [[nodiscard]] JsonObject with_code(std::string_view code) const;

  [[nodiscard]] const JsonValue::Object& members() const { return *members_; }
  [[nodiscard]] bool has(std::string_view member) const;
  [[nodiscard]] const JsonValue* find(std::string_view member) const;
  [[nodiscard]] const JsonValue& get(std::string_view member) const;

  [[nodiscard]] const JsonValue& nullable(std::string_view member) const;

  [[nodiscard]] const std::string* find_text(std::string_view member) const;
  [[nodiscard]] const std::string& text(std::string_view member) const;
  [[nodiscard]] std::string_view text_or(std::string_view member, std::string_view otherwise) const;
  [[nodiscard]] const std::string* nullable_text(std::string_view member) const;  // Null for null, which must be there.

  [[nodiscard]] bool boolean(std::string_view member) const;
  [[nodiscard]] bool boolean_or(std::string_view member, bool otherwise) const;

  [[nodiscard]] std::optional<std::uint64_t> find_number(std::string_view member, NumberRange range) const;
  [[nodiscard]] std::uint64_t number(std::string_view member, NumberRange range) const;
  // A number of seconds, with fractions down to the microsecond.
  [[nodiscard]] std::optional<Duration> find_seconds(std::string_view member, Duration min, Duration max) const;
  [[nodiscard]] Duration seconds(std::string_view member, Duration min, Duration max) const;

  [[nodiscard]] const JsonValue::Array* find_array(std::string_view member) const;
  [[nodiscard]] const JsonValue::Array& array(std::string_view member) const;
  [[nodiscard]] std::optional<std::vector<std::string_view>> find_texts(std::string_view member) const;
  [[nodiscard]] std::vector<std::string_view> texts(std::string_view member) const;

  // Called by the member's name in messages, with the same code.
  [[nodiscard]] std::optional<JsonObject> find_object(std::string_view member) const;
  [[nodiscard]] JsonObject object(std::string_view member) const;
  // An element of an array of this object.
  [[nodiscard]] JsonObject element(const JsonValue& value, std::string_view name) const { return {value, name, code_}; }

  // One of an enumeration's words.
  template <class Word>
  [[nodiscard]] Word word(std::string_view member, std::optional<Word> (*parse)(std::string_view)) const {
    return known_word(member, text(member), parse);
  }
  template <class Word>
  [[nodiscard]] Word known_word(std::string_view member, std::string_view text,
                                std::optional<Word> (*parse)(std::string_view)) const {
    const std::optional<Word> word = parse(text);
    if (!word) refuse_member(member, "a known word", text);
    return *word;
  }

  // "expected MEMBER to be FORM, found …", with the kind of the value that was found, or what the caller found.
  [[noreturn]] void refuse_member(std::string_view member, std::string_view form) const;
  [[noreturn]] void refuse_member(std::string_view member, std::string_view form, std::string_view found) const;
  // "expected NAME to …".
  [[noreturn]] void refuse_object(std::string_view expected) const;

 private:
  template <class Kind>
  [[nodiscard]] const Kind* find_kind(std::string_view member, std::string_view form) const;
  template <class Found>
  [[nodiscard]] auto required(std::string_view member, Found found) const;

  const JsonValue::Object* members_;
  std::string_view name_;
  std::string_view code_;
};

}  // namespace runledger
