// Checks the input of a run: its form first, and then that it contains no secret.
//
// parse() reads a text and hands the value to from_value(), which the readers of larger documents call directly.
// Inspection then walks the value once. It counts depth and members itself, because a larger document was parsed with
// other limits than those of an input. It refuses the first secret, and finds secrets in four ways:
//
//  - by the shape of a text or of a key, with the detector (ledger/secrets/detector.h);
//  - by a secret name above the value: under such a key every text and number is a secret, at any depth, that is like
//    what the name demands (ledger/secrets/names.h), and `Demand` carries that down the walk. Members that say where
//    the secret is kept, such as {"env": "…"}, are only secrets when they look random;
//  - by a name beside the value, as environment variables are written: {"name": "DB_PASSWORD", "value": "…"};
//  - by the elements before it in an array, as command lines are written: ["--password", "…"].
//
// Every text passes through visible_text() before it is judged, and names and values are folded as the detector folds
// texts. The path for the message is built from the inside out
// as the walk unwinds, so a legal input pays nothing for it. Last comes the size of the canonical form, which is the
// only form that a RunInput keeps.
#include "ledger/values/run_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "ledger/base/ascii.h"
#include "ledger/base/damage.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/values.h"
#include "ledger/secrets/visible_text.h"
#include "ledger/values/json.h"

namespace runledger {

namespace {

constexpr JsonLimits kInputLimits{.depth_max = RunInput::kDepthMax, .keys_max = RunInput::kKeysMax};

// Invisible characters must not split a secret, so that it passes here and becomes visible later.
bool holds_secret(const std::string& text) {
  return contains_secret(visible_text(text).view());
}

std::string readable(const std::string& text) {
  return folded(visible_text(text).view());
}

Demand demand_of_key(const std::string& key) {
  return demand_of(readable(key));
}

// Returns the demand of another member that names the "value" of this object: {"name":"DB_PASSWORD","value":"…"}. The
// case of the keys does not matter.
Demand demand_of_name_beside(const JsonValue::Object& members) {
  for (const auto& [key, value] : members) {
    const auto* name = value.get_if<std::string>();
    if (name == nullptr || !(equals_ignoring_case(key, "name") || equals_ignoring_case(key, "key"))) continue;
    if (const Demand demand = demand_of_key(*name); demand != Demand::kNever) return demand;
  }
  return Demand::kNever;
}

// True for a member that says where a secret is kept, or what it is, rather than the secret itself.
bool is_reference_key(const std::string& key) {
  constexpr std::array kKeys = std::to_array<std::string_view>(
      {"env",        "file",      "path",    "ref",      "$ref",       "name",        "key",
       "vault",      "arn",       "uri",     "url",      "from",       "valuefrom",   "secretkeyref",
       "secretname", "secretref", "id",      "type",     "version",    "provider",    "source",
       "store",      "engine",    "mount",   "label",    "title",      "description", "format",
       "username",   "user",      "host",    "port",     "database",   "field",       "namespace",
       "region",     "project",   "enabled", "required", "expires_at", "created_at"});
  return std::any_of(kKeys.begin(), kKeys.end(),
                     [&](std::string_view each) { return equals_ignoring_case(key, each); });
}

// Returns the text of a command-line option, such as --password, which may precede a value; null for other elements.
const std::string* find_option(const JsonValue& element) {
  const auto* text = element.get_if<std::string>();
  return text != nullptr && visible_text(*text).view().starts_with('-') ? text : nullptr;
}

// Returns the demand of the option before an element: ["--password","…"]. The next option is no value of it.
Demand demand_of_option(const std::string& option, const JsonValue& element) {
  if (option.find_first_of("= ") != std::string::npos) return Demand::kNever;
  const auto* text = element.get_if<std::string>();
  return text != nullptr && text->starts_with('-') ? Demand::kNever : demand_of_key(option);
}

// True when an element is a secret only by what stands before it: ["-u","bob:…"], ["mysql","-p…"]. The first two
// elements may be the command.
bool is_secret_on_command_line(const JsonValue::Array& elements, std::size_t i) {
  constexpr std::size_t kWordMax = 64;
  const auto* text = elements[i].get_if<std::string>();
  if (text == nullptr || (!text->starts_with('-') && find_option(elements[i - 1]) == nullptr)) return false;
  std::string line;
  for (std::size_t before = 0; before < i; ++before) {
    if (before == 2) before = std::max(before, i - 1);
    const auto* word = elements[before].get_if<std::string>();
    if (word != nullptr && word->size() <= kWordMax) line += *word + " ";
  }
  return holds_secret(line + *text) && !holds_secret(line);
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
    if (inspect(value, Demand::kNever, 1)) return std::nullopt;
    return reject(code_, fmt::format("{} at \"{}\" of the input", finding_, path_));
  }

 private:
  // Returns false to end the walk. `demand` is that of the name above the value, at any distance.
  bool inspect(const JsonValue& value, Demand demand, int depth) {
    return std::visit([&](const auto& held) { return inspect_held(held, demand, depth); }, value.held);
  }

  bool inspect_held(std::monostate, Demand, int) { return true; }
  bool inspect_held(bool, Demand, int) { return true; }

  bool inspect_held(std::int64_t number, Demand demand, int) {
    return !is_secret_number(demand, fmt::format("{}", number)) || refuse_secret();
  }

  bool inspect_held(double, Demand demand, int) { return demand != Demand::kAny || refuse_secret(); }

  bool inspect_held(const std::string& text, Demand demand, int) {
    const bool secret = (demand != Demand::kNever && is_secret_value(demand, readable(text))) || holds_secret(text);
    return !secret || refuse_secret();
  }

  bool inspect_held(const JsonValue::Array& elements, Demand demand, int depth) {
    return enter(depth) && inspect_elements(elements, demand, depth);
  }

  bool inspect_held(const JsonValue::Object& members, Demand demand, int depth) {
    return enter(depth) && inspect_members(members, demand, depth);
  }

  bool inspect_members(const JsonValue::Object& members, Demand demand, int depth) {
    std::optional<Demand> beside;  // Computed at most once, however many spellings of "value" there are.
    for (const auto& [key, value] : members) {
      Demand named = demand_of_key(key);
      if (equals_ignoring_case(key, "value")) {
        if (!beside) beside = demand_of_name_beside(members);
        named = *beside;
      }
      if (named == Demand::kNever && demand != Demand::kNever) named = is_reference_key(key) ? Demand::kOpaque : demand;
      if (!count() || (holds_secret(key) && !refuse_secret()) || !inspect(value, named, depth + 1)) {
        path_ = fmt::format("/{}{}", pointer_token(key), path_);
        return false;
      }
    }
    return true;
  }

  bool inspect_elements(const JsonValue::Array& elements, Demand demand, int depth) {
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (!count() || !inspect_element(elements, i, demand, depth + 1)) {
        path_ = fmt::format("/{}{}", i, path_);
        return false;
      }
    }
    return true;
  }

  bool inspect_element(const JsonValue::Array& elements, std::size_t i, Demand demand, int depth) {
    if (i > 0) {
      if (const std::string* option = find_option(elements[i - 1]))
        demand = std::max(demand, demand_of_option(*option, elements[i]));
      if (is_secret_on_command_line(elements, i)) return refuse_secret();
    }
    return inspect(elements[i], demand, depth);
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
