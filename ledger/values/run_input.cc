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
//  - by a name beside the value, as environment variables are written: {"name": "DB_PASSWORD", "value": "…"}; as a user
//    and a password under a name such as "auth" (ledger/secrets/member_names.h);
//  - by the elements before it in an array, as command lines are written: ["--password", "…"].
//
// Every text passes through visible_text() before it is judged, and names, values and the words of a command line are
// folded as the detector folds texts. The path for the message is built from the inside out as the walk unwinds, so a
// legal input pays nothing for it. Last comes the size of the canonical form, which is the only form that a RunInput
// keeps.
#include "ledger/values/run_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "ledger/base/ascii.h"
#include "ledger/base/damage.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/member_names.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/values.h"
#include "ledger/secrets/visible_text.h"
#include "ledger/values/json.h"
#include "ledger/values/json_pointer.h"

namespace runledger {

namespace {

constexpr JsonLimits kInputLimits{.depth_max = RunInput::kDepthMax, .keys_max = RunInput::kKeysMax};

// What an earlier version stored may have numbers that an input of today may not have.
constexpr JsonLimits kStoredLimits{
    .depth_max = RunInput::kDepthMax, .keys_max = RunInput::kKeysMax, .numbers = JsonNumbers::kRounded};

// Invisible characters must not split a secret, so that it passes here and becomes visible later.
bool holds_secret(const std::string& text) {
  return contains_secret(visible_text(text).view());
}

std::string readable(const std::string& text) {
  return folded(visible_text(text).view());
}

// Returns the demand of another member that names the "value" of this object: {"name":"DB_PASSWORD","value":"…"}.
Demand demand_of_name_beside(const JsonValue::Object& members) {
  for (const auto& [key, value] : members) {
    const auto* name = value.get_if<std::string>();
    if (name == nullptr || !is_naming_member(readable(key))) continue;
    if (const Demand demand = demand_of(readable(*name)); demand != Demand::kNever) return demand;
  }
  return Demand::kNever;
}

// True for a user and a password under a name such as "auth": "bob:…", ["bob","…"].
bool is_login(const JsonValue& value) {
  if (const auto* text = value.get_if<std::string>()) return is_login_pair(readable(*text));
  const auto* elements = value.get_if<JsonValue::Array>();
  const auto* password = elements != nullptr && elements->size() > 1 ? (*elements)[1].get_if<std::string>() : nullptr;
  return password != nullptr && is_secret_value(Demand::kMarked, readable(*password));
}

// The elements of an array as the words of a command line, in their readable form.
class CommandWords {
 public:
  void add(const JsonValue& element) {
    if (count_ == 1 || count_ == 2) command_ += as_word_before(last_);
    before_ = std::move(last_);
    const auto* text = element.get_if<std::string>();
    last_ = text != nullptr ? std::optional(readable(*text)) : std::nullopt;
    ++count_;
  }

  // Returns the demand of the option before the last element: ["--password","…"]. The next option is no value of it.
  [[nodiscard]] Demand demand() const {
    if (!is_option(before_) || is_option(last_)) return Demand::kNever;
    return before_->find_first_of("= ") != std::string::npos ? Demand::kNever : demand_of(*before_);
  }

  // True when the last element is a secret only by what stands before it: ["-u","bob:…"], ["mysql","-p…"].
  [[nodiscard]] bool ends_in_secret() const {
    if (count_ < 2 || !last_ || (!is_option(last_) && !is_option(before_))) return false;
    const std::string line = count_ > 3 ? command_ + as_word_before(before_) : command_;
    return contains_secret(line + *last_) && !contains_secret(line);
  }

 private:
  static bool is_option(const std::optional<std::string>& word) { return word && word->starts_with('-'); }

  // A long word is neither a command nor an option.
  static std::string as_word_before(const std::optional<std::string>& word) {
    constexpr std::size_t kWordMax = 64;
    return word && word->size() <= kWordMax ? *word + " " : "";
  }

  std::size_t count_ = 0;
  std::string command_;  // The first two elements, as far as they stand before the last.
  std::optional<std::string> before_;
  std::optional<std::string> last_;
};

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
    const std::string outer = std::exchange(outer_, {});
    const bool is_key = std::any_of(members.begin(), members.end(), [](const auto& it) { return it.first == "kty"; });
    for (const auto& [key, value] : members) {
      const std::string read = readable(key);
      Demand named = demand_below(demand, read);
      if (named == Demand::kNever && demand == Demand::kNever) named = demand_within(outer, read);
      if (is_key && is_private_key_member(read)) named = Demand::kOpaque;
      outer_ = read;
      if (is_named_member(read)) {
        if (!beside) beside = demand_of_name_beside(members);
        if (*beside != Demand::kNever) named = *beside;
      }
      const bool is_secret = holds_secret(key) || (is_login_member(read) && is_login(value));
      if (!count() || (is_secret && !refuse_secret()) || !inspect(value, named, depth + 1)) {
        path_ = fmt::format("/{}{}", pointer_token(key), path_);
        return false;
      }
    }
    return true;
  }

  bool inspect_elements(const JsonValue::Array& elements, Demand demand, int depth) {
    CommandWords words;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (!count() || !inspect_element(elements[i], words, demand, depth + 1)) {
        path_ = fmt::format("/{}{}", i, path_);
        return false;
      }
    }
    return true;
  }

  bool inspect_element(const JsonValue& element, CommandWords& words, Demand demand, int depth) {
    words.add(element);
    if (words.ends_in_secret()) return refuse_secret();
    return inspect(element, std::max(demand, words.demand()), depth);
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
  std::string outer_;  // The name of the member whose value comes next.
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

namespace {

Result<std::string> canonical_input(const JsonValue& value) {
  if (value.get_if<JsonValue::Object>() == nullptr)
    return reject("input.not_an_object", fmt::format("input: expected a JSON object, found {}", value.type_name()));
  std::string canonical = canonical_json(value);
  if (canonical.size() > RunInput::kBytesMax) {
    return reject("input.too_large", fmt::format("input: expected at most {} bytes in canonical form, found {}",
                                                 RunInput::kBytesMax, canonical.size()));
  }
  return canonical;
}

// Orders the elements of an array by their canonical form, and keeps one of those that are equal. Any other value stays
// as it is.
void make_set(JsonValue& value) {
  auto* const elements = std::get_if<JsonValue::Array>(&value.held);
  if (elements == nullptr) return;
  std::map<std::string, JsonValue> distinct;
  for (JsonValue& element : *elements) {
    std::string form = canonical_json(element);
    distinct.try_emplace(std::move(form), std::move(element));
  }
  elements->clear();
  for (auto& [form, element] : distinct) elements->push_back(std::move(element));
}

}  // namespace

Result<RunInput> RunInput::from_value(const JsonValue& value) {
  // A secret is told before the size is, and an input of another kind before both.
  if (value.get_if<JsonValue::Object>() != nullptr) {
    if (auto rejection = Inspection().inspect(value)) return *std::move(rejection);
  }
  Result<std::string> canonical = canonical_input(value);
  if (!canonical) return canonical.rejection();
  return RunInput(*std::move(canonical));
}

// The larger document was parsed with other limits, so the input is parsed once more with its own.
Result<RunInput> RunInput::restore(const JsonValue& value, FromLog from_log) {
  Result<std::string> canonical = canonical_input(value);
  if (!canonical) return canonical.rejection();
  if (const auto within = parse_json(*canonical, kStoredLimits); !within) return within.rejection();
  return RunInput(*std::move(canonical), from_log);
}

JsonValue RunInput::value() const {
  Result<JsonValue> value = parse_json(canonical_, kStoredLimits);
  if (!value || value->get_if<JsonValue::Object>() == nullptr) throw_damaged("the input of a run is no JSON object");
  return *std::move(value);
}

std::string RunInput::canonical_fields(const IdentityFields& fields) const {
  if (fields.names.empty() && fields.sets.empty()) return canonical_;
  JsonValue all = value();
  JsonValue::Object& members = std::get<JsonValue::Object>(all.held);
  for (const std::string& name : fields.sets) {
    const auto member = members.find(name);
    if (member != members.end()) make_set(member->second);
  }
  if (fields.names.empty()) return canonical_json(all);
  JsonValue::Object named;
  for (const std::string& name : fields.names) {
    auto field = members.extract(name);
    if (!field.empty()) named.insert(std::move(field));
  }
  return canonical_json({std::move(named)});
}

}  // namespace runledger
