// Checks the input of a run: its form first, then that nothing in it is a secret.
#include "ledger/values/run_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "ledger/base/ascii.h"
#include "ledger/base/assert.h"
#include "ledger/secrets/assignments.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/visible_text.h"
#include "ledger/values/json.h"

namespace runledger {

namespace {

using nlohmann::json;

// Hidden characters must not split a secret so that it passes here and shows later.
bool holds_secret(const std::string& text) {
  return contains_secret(visible_text(text).view());
}

bool is_secret_key(const std::string& key) {
  return is_secret_name(visible_text(key).view());
}

// Whether "value" among these members is named by one beside it: {"name":"DB_PASSWORD","value":"…"}, in any case.
bool names_a_secret(const json::object_t& members) {
  return std::any_of(members.begin(), members.end(), [](const auto& member) {
    const bool is_name = equals_ignoring_case(member.first, "name") || equals_ignoring_case(member.first, "key");
    return is_name && member.second.is_string() && is_secret_key(member.second.template get_ref<const std::string&>());
  });
}

// An element of a command line, such as --password.
bool is_option(const json& element) {
  return element.is_string() && visible_text(element.get_ref<const std::string&>()).view().starts_with('-');
}

// Whether the element behind an option is what the option names: ["--password","…"]. Not the next option, and not what
// only stands in a secret's place.
bool is_named_by_option(const std::string& option, const json& element) {
  if (option.find_first_of("= ") != std::string::npos || !is_secret_key(option)) return false;
  if (!element.is_string()) return true;
  const auto& text = element.get_ref<const std::string&>();
  return !text.starts_with('-') && !is_placeholder(text);
}

// Whether the two show a secret together: ["-u","bob:…"].
bool hold_secret_together(const std::string& option, const json& element) {
  constexpr std::size_t kOptionMax = 64;
  return option.size() <= kOptionMax && element.is_string() &&
         holds_secret(fmt::format("{} {}", option, element.get_ref<const std::string&>()));
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

// Walks a value, holds it to the limits and looks for secrets. The path is only built when something is found.
class Inspection {
 public:
  std::optional<Rejection> inspect(const json& value) {
    if (inspect(value, Place::kOpen, 1)) return std::nullopt;
    return reject(code_, fmt::format("{} at \"{}\" of the input", finding_, path_));
  }

 private:
  // Whether a name that stands for a secret is above a value, at any distance.
  enum class Place { kOpen, kUnderSecretName };

  // False ends the walk.
  bool inspect(const json& value, Place place, int depth) {
    switch (value.type()) {
      case json::value_t::object:
        return enter(depth) && inspect_members(value.get_ref<const json::object_t&>(), place, depth);
      case json::value_t::array:
        return enter(depth) && inspect_elements(value.get_ref<const json::array_t&>(), place, depth);
      case json::value_t::string: {
        const auto& text = value.get_ref<const std::string&>();
        const bool secret = !text.empty() && (place == Place::kUnderSecretName || holds_secret(text));
        return !secret || refuse_secret();
      }
      case json::value_t::number_integer:
      case json::value_t::number_unsigned:
      case json::value_t::number_float:
        return place == Place::kOpen || refuse_secret();
      case json::value_t::null:
      case json::value_t::boolean:
        return true;
      case json::value_t::binary:
      case json::value_t::discarded:
        break;
    }
    assertion_failed("the value came from parse_json", __FILE__, __LINE__);
  }

  bool inspect_members(const json::object_t& members, Place place, int depth) {
    std::optional<bool> is_named;  // Asked for once, however many spellings of "value" there are.
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

  bool inspect_elements(const json::array_t& elements, Place place, int depth) {
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (!count() || !inspect_element(elements, i, place, depth + 1)) {
        path_ = fmt::format("/{}{}", i, path_);
        return false;
      }
    }
    return true;
  }

  bool inspect_element(const json::array_t& elements, std::size_t i, Place place, int depth) {
    const json& element = elements[i];
    if (i > 0 && is_option(elements[i - 1])) {
      const auto& option = elements[i - 1].get_ref<const std::string&>();
      if (is_named_by_option(option, element)) place = Place::kUnderSecretName;
      if (hold_secret_together(option, element)) return refuse_secret();
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
  const JsonLimits limits{.depth_max = kDepthMax, .keys_max = kKeysMax};
  const Result<json> value = parse_json(text, limits);
  if (!value) return value.rejection();
  return from_value(*value);
}

Result<RunInput> RunInput::from_value(const json& value) {
  if (!value.is_object())
    return reject("input.not_an_object", fmt::format("input: expected a JSON object, found {}", value.type_name()));
  if (auto rejection = Inspection().inspect(value)) return *std::move(rejection);
  std::string canonical = canonical_json(value);
  if (canonical.size() > kBytesMax) {
    return reject("input.too_large", fmt::format("input: expected at most {} bytes in canonical form, found {}",
                                                 kBytesMax, canonical.size()));
  }
  return RunInput(std::move(canonical));
}

std::string RunInput::canonical_fields(const std::vector<std::string>& names) const {
  if (names.empty()) return canonical_;
  json fields = json::object();
  json all = json::parse(canonical_);
  for (const std::string& name : names) {
    const auto field = all.find(name);
    if (field != all.end()) fields[name] = *field;
  }
  return canonical_json(fields);
}

}  // namespace runledger
