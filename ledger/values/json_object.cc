// Finds members by name and checks their forms.
#include "ledger/values/json_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace runledger {
namespace {

std::string range_text(NumberRange range) {
  const std::string to = range.max == NumberRange().max ? "" : fmt::format(" to {}", range.max);
  return fmt::format("a whole number from {}{}", range.min, to);
}

}  // namespace

JsonObject::JsonObject(const JsonValue& value, std::string_view name, std::string_view code)
    : members_(value.get_if<JsonValue::Object>()), name_(name), code_(code) {
  if (members_ == nullptr) refuse_object(fmt::format("be an object, found {}", value.type_name()));
}

const JsonObject& JsonObject::only(const std::vector<std::string_view>& known) const {
  for (const auto& [member, value] : *members_) {
    if (std::find(known.begin(), known.end(), member) == known.end())
      refuse_object(fmt::format("have only known members, found \"{}\"", member));
  }
  return *this;
}

JsonObject JsonObject::with_code(std::string_view code) const {
  JsonObject other = *this;
  other.code_ = code;
  return other;
}

bool JsonObject::has(std::string_view member) const {
  return members_->find(member) != members_->end();
}

const JsonValue* JsonObject::find(std::string_view member) const {
  const auto found = members_->find(member);
  return found == members_->end() || found->second.is_null() ? nullptr : &found->second;
}

template <class Kind>
const Kind* JsonObject::find_kind(std::string_view member, std::string_view form) const {
  const JsonValue* value = find(member);
  if (value == nullptr) return nullptr;
  const Kind* held = value->get_if<Kind>();
  if (held == nullptr) refuse_member(member, form);
  return held;
}

// Takes a pointer or an optional, and refuses an empty one.
template <class Found>
auto JsonObject::required(std::string_view member, Found found) const {
  if (!found) refuse_object(fmt::format("have \"{}\", found {}", member, has(member) ? "null" : "none"));
  return found;
}

const JsonValue& JsonObject::get(std::string_view member) const {
  return *required(member, find(member));
}

const JsonValue& JsonObject::nullable(std::string_view member) const {
  return has(member) ? members_->find(member)->second : get(member);
}

const std::string* JsonObject::find_text(std::string_view member) const {
  return find_kind<std::string>(member, "text");
}

const std::string& JsonObject::text(std::string_view member) const {
  return *required(member, find_text(member));
}

std::string_view JsonObject::text_or(std::string_view member, std::string_view otherwise) const {
  const std::string* found = find_text(member);
  return found == nullptr ? otherwise : std::string_view(*found);
}

const std::string* JsonObject::nullable_text(std::string_view member) const {
  return nullable(member).is_null() ? nullptr : &text(member);
}

bool JsonObject::boolean(std::string_view member) const {
  return *required(member, find_kind<bool>(member, "true or false"));
}

bool JsonObject::boolean_or(std::string_view member, bool otherwise) const {
  const bool* found = find_kind<bool>(member, "true or false");
  return found == nullptr ? otherwise : *found;
}

std::optional<std::uint64_t> JsonObject::find_number(std::string_view member, NumberRange range) const {
  const JsonValue* value = find(member);
  if (value == nullptr) return std::nullopt;
  const std::int64_t* held = value->get_if<std::int64_t>();
  const auto number = static_cast<std::uint64_t>(held == nullptr ? 0 : *held);
  if (held == nullptr || *held < 0 || number < range.min || number > range.max)
    refuse_member(member, range_text(range));
  return number;
}

std::uint64_t JsonObject::number(std::string_view member, NumberRange range) const {
  return *required(member, find_number(member, range));
}

std::optional<Duration> JsonObject::find_seconds(std::string_view member, Duration min, Duration max) const {
  const JsonValue* value = find(member);
  if (value == nullptr) return std::nullopt;
  const auto* whole = value->get_if<std::int64_t>();
  const auto* real = value->get_if<double>();
  const double us = (whole != nullptr  ? static_cast<double>(*whole)
                     : real != nullptr ? *real
                                       : std::nan("")) *
                    static_cast<double>(kMicrosecondsPerSecond);
  // NaN fails both comparisons, so a value of another kind is refused with the same message.
  if (us >= static_cast<double>(min.count()) && us <= static_cast<double>(max.count()))
    return Duration{std::llround(us)};
  refuse_member(member, fmt::format("seconds from {} to {}", in_seconds(min), in_seconds(max)));
}

Duration JsonObject::seconds(std::string_view member, Duration min, Duration max) const {
  return *required(member, find_seconds(member, min, max));
}

const JsonValue::Array* JsonObject::find_array(std::string_view member) const {
  return find_kind<JsonValue::Array>(member, "an array");
}

const JsonValue::Array& JsonObject::array(std::string_view member) const {
  return *required(member, find_array(member));
}

std::optional<std::vector<std::string_view>> JsonObject::find_texts(std::string_view member) const {
  const JsonValue::Array* elements = find_array(member);
  if (elements == nullptr) return std::nullopt;
  std::vector<std::string_view> texts;
  for (const JsonValue& element : *elements) {
    const auto* text = element.get_if<std::string>();
    if (text == nullptr)
      refuse_member(member, "an array of texts", fmt::format("one that holds {}", element.type_name()));
    texts.push_back(*text);
  }
  return texts;
}

std::vector<std::string_view> JsonObject::texts(std::string_view member) const {
  return *required(member, find_texts(member));
}

std::optional<JsonObject> JsonObject::find_object(std::string_view member) const {
  const JsonValue* value = find(member);
  if (value == nullptr) return std::nullopt;
  return JsonObject(*value, member, code_);
}

JsonObject JsonObject::object(std::string_view member) const {
  return *required(member, find_object(member));
}

void JsonObject::refuse_member(std::string_view member, std::string_view form) const {
  const JsonValue* value = find(member);
  // A number mostly has the right kind and the wrong size, so the message shows it. Other values are named by kind.
  const auto* number = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  if (number != nullptr) refuse_member(member, form, std::to_string(*number));
  refuse_member(member, form, value == nullptr ? "none" : value->type_name());
}

void JsonObject::refuse_member(std::string_view member, std::string_view form, std::string_view found) const {
  throw Refused(reject(code_, fmt::format("expected {} to be {}, found {}", member, form, found)));
}

void JsonObject::refuse_object(std::string_view expected) const {
  throw Refused(reject(code_, fmt::format("expected {} to {}", name_, expected)));
}

}  // namespace runledger
