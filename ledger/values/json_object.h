// Reads the members of JSON objects strictly: every member must be known to the caller and have the expected form.
//
// The catalog, journals, HTTP bodies, the inputs of jobs and the file of access tokens are all read with this class. A
// reader wraps the parsed value with the name and the code for messages, lists the members that it knows, and reads
// each one:
//
//   const JsonObject in(document, "the catalog", "catalog.malformed");
//   in.only({"type", "label"});
//   const std::string& type = in.text("type");
//   const std::string_view label = in.text_or("label", "");
//
// A wrong document ends in one exception at the first wrong member, which the edge of the program turns into its
// answer; the reader itself has no error paths. Nested objects inherit the code, and are named by their member.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/enum_words.h"
#include "ledger/values/json_value.h"
#include "ledger/values/number.h"
#include "ledger/values/rejection.h"
#include "ledger/values/time.h"

namespace runledger {

// A view of a JSON value. The value must outlive it, and so must the name and the code. It is cheap to copy, and any
// thread may read it.
//
// Every function throws Refused, with the caller's code, when a member has another form than the function expects. A
// member that is null counts as absent, except in members(), has() and the nullable functions. For an absent member, a
// function whose name begins with find returns null or nullopt, a function whose name ends in _or returns its second
// argument, and every other function refuses.
class JsonObject {
 public:
  // `name` is how messages call the object, as in "expected NAME to have …". Refuses a value that is not an object.
  JsonObject(const JsonValue& value, std::string_view name, std::string_view code);

  // Refuses an object with a member that is not listed. Returns this object.
  const JsonObject& only(const std::vector<std::string_view>& known) const;

  // Returns the same object with another code.
  [[nodiscard]] JsonObject with_code(std::string_view code) const;

  [[nodiscard]] const JsonValue::Object& members() const { return *members_; }
  [[nodiscard]] bool has(std::string_view member) const;
  [[nodiscard]] const JsonValue* find(std::string_view member) const;
  [[nodiscard]] const JsonValue& get(std::string_view member) const;

  // Returns the member's value, which may be null; the member must be there.
  [[nodiscard]] const JsonValue& nullable(std::string_view member) const;

  [[nodiscard]] const std::string* find_text(std::string_view member) const;
  [[nodiscard]] const std::string& text(std::string_view member) const;
  [[nodiscard]] std::string_view text_or(std::string_view member, std::string_view otherwise) const;
  [[nodiscard]] const std::string* nullable_text(std::string_view member) const;  // Returns null for a JSON null.

  [[nodiscard]] bool boolean(std::string_view member) const;
  [[nodiscard]] bool boolean_or(std::string_view member, bool otherwise) const;

  // Whole numbers only; both ends of the range count.
  [[nodiscard]] std::optional<std::uint64_t> find_number(std::string_view member, NumberRange range) const;
  [[nodiscard]] std::uint64_t number(std::string_view member, NumberRange range) const;
  // The member is a number of seconds from `min` to `max`, rounded to the microsecond.
  [[nodiscard]] std::optional<Duration> find_seconds(std::string_view member, Duration min, Duration max) const;
  [[nodiscard]] Duration seconds(std::string_view member, Duration min, Duration max) const;

  [[nodiscard]] const JsonValue::Array* find_array(std::string_view member) const;
  [[nodiscard]] const JsonValue::Array& array(std::string_view member) const;
  [[nodiscard]] std::optional<std::vector<std::string_view>> find_texts(std::string_view member) const;
  [[nodiscard]] std::vector<std::string_view> texts(std::string_view member) const;

  // Messages call the object by the member's name; the code stays the same.
  [[nodiscard]] std::optional<JsonObject> find_object(std::string_view member) const;
  [[nodiscard]] JsonObject object(std::string_view member) const;
  // Reads an element of an array of this object, which messages call `name`.
  [[nodiscard]] JsonObject element(const JsonValue& value, std::string_view name) const { return {value, name, code_}; }

  // Both read a word of an enum, and refuse others with `form`. known_word() takes a text that the caller read already,
  // such as an element of an array.
  template <WithWords Enum>
  [[nodiscard]] Enum word(std::string_view member, std::string_view form = "a known word") const {
    return known_word<Enum>(member, text(member), form);
  }
  template <WithWords Enum>
  [[nodiscard]] Enum known_word(std::string_view member, std::string_view text,
                                std::string_view form = "a known word") const {
    const std::optional<Enum> word = parse_word<Enum>(text);
    if (!word) refuse_member(member, form, text);
    return *word;
  }

  // Both refuse with "expected MEMBER to be FORM, found …". The first names the found number or the kind of the found
  // value.
  [[noreturn]] void refuse_member(std::string_view member, std::string_view form) const;
  [[noreturn]] void refuse_member(std::string_view member, std::string_view form, std::string_view found) const;
  // Refuses with "expected NAME to …".
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
