// Checks the input of a run: its form first, and then that it contains no secret.
//
// parse() reads a text and hands the value to from_value(), which the readers of larger documents call directly.
// Inspection then walks the value once. It counts depth and members itself, because a larger document was parsed with
// other limits than those of an input. It refuses the first secret, and finds secrets in four ways:
//
//  - by the shape of a text or of a key, with the detector (ledger/secrets/detector.h);
//  - by a secret name above the value: under such a key every text and number is a secret, at any depth, and `Place`
//    carries that down the walk;
//  - by a name beside the value, as environment variables are written: {"name": "DB_PASSWORD", "value": "…"};
//  - by the element before it in an array, as command lines are written: ["--password", "…"].
//
// Every text passes through visible_text() before it is judged. The path for the message is built from the inside out
// as the walk unwinds, so a legal input pays nothing for it. Last comes the size of the canonical form, which is the
// only form that a RunInput keeps.
#include "ledger/values/run_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ledger/base/ascii.h"
#include "ledger/base/damage.h"
#include "ledger/secrets/assignments.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/visible_text.h"
#include "ledger/values/json.h"

namespace runledger {

namespace {

constexpr JsonLimits kInputLimits{.depth_max = RunInput::kDepthMax, .keys_max = RunInput::kKeysMax};

// Invisible characters must not split a secret, so that it passes here and becomes visible later.
bool holds_secret(const std::string& text) {
  return contains_secret(visible_text(text).view());
}

bool is_secret_key(const std::string& key) {
  return is_secret_name(visible_text(key).view());
}

// True when another member names the "value" of this object as a secret: {"name":"DB_PASSWORD","value":"…"}. The case
// of the keys does not matter.
bool names_a_secret(const JsonValue::Object& members) {
  return std::any_of(members.begin(), members.end(), [](const auto& member) {
    const bool is_name = equals_ignoring_case(member.first, "name") || equals_ignoring_case(member.first, "key");
    const auto* name = member.second.template get_if<std::string>();
    return is_name && name != nullptr && is_secret_key(*name);
  });
}

// Returns the text of a command-line option, such as --password, which may precede a value; null for other elements.
const std::string* find_option(const JsonValue& element) {
  const auto* text = element.get_if<std::string>();
  return text != nullptr && visible_text(*text).view().starts_with('-') ? text : nullptr;
}

// True when the element after an option is the option's value: ["--password","…"]. The next option is not, and neither
// is a placeholder for a secret.
bool is_named_by_option(const std::string& option, const JsonValue& element) {
  if (option.find_first_of("= ") != std::string::npos || !is_secret_key(option)) return false;
  const auto* text = element.get_if<std::string>();
  return text == nullptr || (!text->starts_with('-') && !is_placeholder(*text));
}

// True when an option and its value are a secret only together: ["-u","bob:…"].
bool hold_secret_together(const std::string& option, const JsonValue& element) {
  constexpr std::size_t kOptionMax = 64;
  const auto* text = element.get_if<std::string>();
  return option.size() <= kOptionMax && text != nullptr && holds_secret(fmt::format("{} {}", option, *text));
}

std::string pointer_token(const std::string& key) {
  if (holds_secret(key)) return std::string(kRedacted);
  std::string token;
  for (const char c : key) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

// Walks one value, and checks it against the limits and for secrets. Used once.
class Inspection {
 public:
  std::optional<Rejection> inspect(const JsonValue& value) {
    if (inspect(value, Place::kOpen, 1)) return std::nullopt;
    return reject(code_, fmt::format("{} at \"{}\" of the input", finding_, path_));
  }

 private:
  // Says whether a secret name is above a value, at any distance.
  enum class Place { kOpen, kUnderSecretName };

  // Returns false to end the walk.
  bool inspect(const JsonValue& value, Place place, int depth) {
    return std::visit([&](const auto& held) { return inspect_held(held, place, depth); }, value.held);
  }

  bool inspect_held(std::monostate, Place, int) { return true; }
  bool inspect_held(bool, Place, int) { return true; }
  bool inspect_held(std::int64_t, Place place, int) { return place == Place::kOpen || refuse_secret(); }
  bool inspect_held(double, Place place, int) { return place == Place::kOpen || refuse_secret(); }

  bool inspect_held(const std::string& text, Place place, int) {
    const bool secret = !text.empty() && (place == Place::kUnderSecretName || holds_secret(text));
    return !secret || refuse_secret();
  }

  bool inspect_held(const JsonValue::Array& elements, Place place, int depth) {
    return enter(depth) && inspect_elements(elements, place, depth);
  }

  bool inspect_held(const JsonValue::Object& members, Place place, int depth) {
    return enter(depth) && inspect_members(members, place, depth);
  }

  bool inspect_members(const JsonValue::Object& members, Place place, int depth) {
    std::optional<bool> is_named;  // Computed at most once, however many spellings of "value" there are.
    for (const auto& [key, value] : members) {
      const bool is_value = equals_ignoring_case(key, "value");
      if (is_value && !is_named) is_named = names_a_secret(members);
      const bool secret_name =
          place == Place::kUnderSecretName || is_secret_key(key) || (is_value && is_named.value_or(false));
      const bool passes = count() && (!holds_secret(key) || refuse_secret()) &&
                          inspect(value, secret_name ? Place::kUnderSecretName : Place::kOpen, depth + 1);
      if (!passes) {
        path_ = fmt::format("/{}{}", pointer_token(key), path_);
        return false;
      }
    }
    return true;
  }

  bool inspect_elements(const JsonValue::Array& elements, Place place, int depth) {
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (!count() || !inspect_element(elements, i, place, depth + 1)) {
        path_ = fmt::format("/{}{}", i, path_);
        return false;
      }
    }
    return true;
  }

  bool inspect_element(const JsonValue::Array& elements, std::size_t i, Place place, int depth) {
    const JsonValue& element = elements[i];
    if (const std::string* option = i > 0 ? find_option(elements[i - 1]) : nullptr) {
      if (is_named_by_option(*option, element)) place = Place::kUnderSecretName;
      if (hold_secret_together(*option, element)) return refuse_secret();
    }
    return inspect(element, place, depth);
  }

  bool enter(int depth) {
    return depth <= RunInput::kDepthMax ||
           refuse("json.too_deep", fmt::format("expected at most {} levels, found more", RunInput::kDepthMax));
  }

  bool count() {
    return ++keys_ <= RunInput::kKeysMax ||
           refuse("json.too_many_keys",
                  fmt::format("expected at most {} members and elements in all, found more", RunInput::kKeysMax));
  }

  bool refuse_secret() { return refuse("input.secret", "expected a reference to a secret, found a secret itself"); }

  bool refuse(std::string_view code, std::string_view finding) {
    code_ = code;
    finding_ = finding;
    return false;
  }

  std::size_t keys_ = 0;
  std::string_view code_;
  std::string finding_;
  std::string path_;
};

}  // namespace

Result<RunInput> RunInput::parse(std::string_view text) {
  const Result<JsonValue> value = parse_json(text, kInputLimits);
  if (!value) return value.rejection();
  return from_value(*value);
}

Result<RunInput> RunInput::from_value(const JsonValue& value) {
  if (value.get_if<JsonValue::Object>() == nullptr)
    return reject("input.not_an_object", fmt::format("input: expected a JSON object, found {}", value.type_name()));
  if (auto rejection = Inspection().inspect(value)) return *std::move(rejection);
  std::string canonical = canonical_json(value);
  if (canonical.size() > kBytesMax) {
    return reject("input.too_large", fmt::format("input: expected at most {} bytes in canonical form, found {}",
                                                 kBytesMax, canonical.size()));
  }
  return RunInput(std::move(canonical));
}

JsonValue RunInput::value() const {
  Result<JsonValue> value = parse_json(canonical_, kInputLimits);
  if (!value || value->get_if<JsonValue::Object>() == nullptr) throw_damaged("the input of a run is no JSON object");
  return *std::move(value);
}

std::string RunInput::canonical_fields(const std::vector<std::string>& names) const {
  if (names.empty()) return canonical_;
  JsonValue all = value();
  JsonValue::Object fields;
  for (const std::string& name : names) {
    auto field = std::get<JsonValue::Object>(all.held).extract(name);
    if (!field.empty()) fields.insert(std::move(field));
  }
  return canonical_json({std::move(fields)});
}

}  // namespace runledger
