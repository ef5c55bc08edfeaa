// Strict JSON on top of the events of nlohmann's parser.
//
// parse_json() first makes the checks that the library lacks or makes differently: size, byte order mark, UTF-8, NUL.
// The library's parser then calls Builder for every value, key and bracket. Builder adds the value to the tree or
// refuses it, and a refusal ends the parsing immediately. The limits therefore hold while the text is parsed, and a
// hostile text cannot make the tree larger or deeper than a legal one.
//
// Builder keeps the tree in `root_`, and in `open_` the stack of the containers around the next value. put() is the
// only place that adds a value: as the root, as the member that the last key() made, or as the next element of an
// array. The pointers in `open_` stay valid, because a map never moves its members, and an array does not grow while
// one of its elements is open.
//
// The first rejection stays and wins over the library's own error, whose text is never shown: it quotes the input.
//
// A number is kept exactly or refused, because two numbers that differ must never become one input. A whole number
// within 2^53 is an integer in every spelling, and one beyond is refused in every spelling: a float cannot tell it from
// its neighbours. With JsonNumbers::kRounded, the canonical form is still stable: what lies between 2^53 and 1e21 is
// refused, because its canonical form would be an integer that the parser refuses.
#include "ledger/values/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "ledger/base/utf8.h"
#include "ledger/values/exact_number.h"
#include "ledger/values/json_pointer.h"

namespace runledger {

namespace {

using nlohmann::json;

constexpr std::int64_t kIntegerMax = std::int64_t{1} << 53U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// From this value on, ES6 writes an exponent.
constexpr double kExponentFrom = 1e21;

// Builds the value, and refuses at the first violation. The function names are those of nlohmann's interface.
class Builder {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() { return add({}); }
  bool boolean(bool value) { return add({value}); }

  bool number_integer(json::number_integer_t value) {
    if (value < -kIntegerMax || value > kIntegerMax) return refuse_number();
    return add({value});
  }

  bool number_unsigned(json::number_unsigned_t value) {
    if (value > static_cast<json::number_unsigned_t>(kIntegerMax)) return refuse_number();
    return add({static_cast<std::int64_t>(value)});
  }

  // The library also calls this for integers beyond 64 bits.
  bool number_float(json::number_float_t value, const std::string& spelling) {
    const bool whole = value == std::trunc(value);
    if (limits_.numbers == JsonNumbers::kExact) {
      if (!keeps_exactly(value, spelling) || (whole && std::abs(value) > static_cast<double>(kIntegerMax)))
        return refuse_number();
      return whole ? number_integer(static_cast<json::number_integer_t>(value)) : add({value});
    }
    // 2^53 itself is left out, because a larger number may have been rounded to it.
    if (whole && std::abs(value) < static_cast<double>(kIntegerMax))
      return number_integer(static_cast<json::number_integer_t>(value));
    const bool spelled_as_integer = spelling.find_first_of(".eE") == std::string::npos;
    if (spelled_as_integer || (whole && std::abs(value) < kExponentFrom)) return refuse_number();
    return add({value});
  }

  bool string(std::string& value) {
    if (!check_characters(value)) return false;
    return add({std::move(value)});
  }

  bool binary(json::binary_t&) { return refuse("json.malformed", "binary values are no JSON"); }

  bool start_object(std::size_t) { return open({JsonValue::Object()}); }
  bool start_array(std::size_t) { return open({JsonValue::Array()}); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    if (!count_key() || !check_characters(name)) return false;
    const auto [member, is_new] = std::get<JsonValue::Object>(open_.back()->held).try_emplace(std::move(name));
    if (!is_new)
      return refuse("json.duplicate_key", fmt::format("the member \"{}\" appears twice in its object", member->first));
    member_ = &member->second;
    return true;
  }

  // The library's own message quotes the text, which may hold a secret, so the detail names only the position.
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
    if (error.id == kNumberOverflow) return refuse_number();
    if (std::strstr(error.what(), "surrogate") != nullptr)
      return refuse("json.bad_character", fmt::format("a lone surrogate before byte {}", position));
    return refuse("json.malformed",
                  fmt::format("expected one JSON text (RFC 8259), found an error at byte {}", position));
  }

  Result<JsonValue> finish(bool parsed) {
    if (rejection_) return *std::move(rejection_);
    if (!parsed) return reject("json.malformed", "expected one JSON text (RFC 8259)");
    return std::move(root_);
  }

 private:
  static constexpr int kNumberOverflow = 406;

  bool refuse(std::string_view code, std::string_view detail) {
    rejection_ = reject(code, detail);
    return false;
  }

  bool refuse_number() {
    return refuse("json.number_out_of_range",
                  fmt::format("expected numbers that a 64-bit float keeps exactly and integers within 2^53, found "
                              "another at \"{}\": write it as a string",
                              path()));
  }

  // Returns the path of the value that comes next.
  [[nodiscard]] std::string path() const {
    std::string path;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      const JsonValue* const inner = i + 1 < open_.size() ? open_[i + 1] : nullptr;
      if (const auto* elements = open_[i]->get_if<JsonValue::Array>())
        path += fmt::format("/{}", inner != nullptr ? elements->size() - 1 : elements->size());
      else
        path += "/" + pointer_token(member_name(std::get<JsonValue::Object>(open_[i]->held), inner));
    }
    return path;
  }

  // Null stands for the member that the last key() made.
  [[nodiscard]] std::string member_name(const JsonValue::Object& members, const JsonValue* member) const {
    if (member == nullptr) member = member_;
    const auto found =
        std::find_if(members.begin(), members.end(), [&](const auto& it) { return &it.second == member; });
    return found == members.end() ? "" : found->first;
  }

  bool check_characters(const std::string& text) {
    if (text.find('\0') == std::string::npos) return true;
    return refuse("json.bad_character", "U+0000 is not allowed in a string");
  }

  bool count_key() {
    if (++keys_ <= limits_.keys_max) return true;
    return refuse("json.too_many_keys",
                  fmt::format("expected at most {} members and elements in all, found more", limits_.keys_max));
  }

  bool open(JsonValue container) {
    if (open_.size() >= static_cast<std::size_t>(limits_.depth_max))
      return refuse("json.too_deep", fmt::format("expected at most {} levels, found more", limits_.depth_max));
    JsonValue* place = put(std::move(container));
    if (place == nullptr) return false;
    open_.push_back(place);
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  bool add(JsonValue value) { return put(std::move(value)) != nullptr; }

  // Returns the value's place in the tree, or null when it is refused.
  JsonValue* put(JsonValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    auto* const elements = std::get_if<JsonValue::Array>(&open_.back()->held);
    if (elements == nullptr) {
      *member_ = std::move(value);
      return member_;
    }
    if (!count_key()) return nullptr;
    return &elements->emplace_back(std::move(value));
  }

  const JsonLimits& limits_;
  JsonValue root_;
  std::vector<JsonValue*> open_;  // The containers around the next value.
  JsonValue* member_ = nullptr;   // The place for the value of the last key.
  std::size_t keys_ = 0;
  std::optional<Rejection> rejection_;
};

}  // namespace

Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return reject("json.too_large", fmt::format("expected at most {} bytes, found {}", limits.bytes_max, text.size()));
  }
  // The library would skip a byte order mark, and would take a NUL for the end of the text.
  if (text.starts_with(kByteOrderMark)) return reject("json.malformed", "expected no byte order mark, found one");
  if (!is_valid_utf8(text)) return reject("json.bad_character", "expected UTF-8, found bytes that are none");
  if (text.find('\0') != std::string_view::npos) return reject("json.bad_character", "U+0000 is not allowed");
  Builder builder(limits);
  const bool parsed = json::sax_parse(text.begin(), text.end(), &builder);
  return builder.finish(parsed);
}

}  // namespace runledger
