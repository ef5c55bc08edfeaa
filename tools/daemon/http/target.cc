// Splits the target first and decodes the parts afterwards, so that an encoded "/" or "&" cannot split anything.
#include "tools/daemon/http/target.h"

#include <algorithm>
#include <string>

#include "ledger/base/ascii.h"
#include "ledger/base/utf8.h"
#include "ledger/values/digest.h"

namespace runledger {
namespace {

constexpr std::size_t kPartsMax = 64;

Rejection bad_target(std::string_view detail) {
  return reject("http.malformed", detail);
}

// The characters that a path or a query may have besides percent-encoding (RFC 3986).
bool may_stand(char c) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@/?";
  return is_alnum(c) || kOthers.find(c) != std::string_view::npos;
}

Result<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (!may_stand(text[i])) return bad_target("expected a target of the characters that one may have");
      out += text[i];
      continue;
    }
    const std::optional<std::string> byte = parse_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return bad_target("expected two hex digits after each \"%\" of the target");
    out += *byte;
    i += 2;
  }
  const bool control =
      std::any_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (control) return bad_target("expected a target without control characters");
  if (!is_valid_utf8(out)) return bad_target("expected a target in UTF-8");
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (parts.size() < kPartsMax) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);  // At the limit this is one part too many, by which the caller notices.
  return parts;
}

Result<std::string> decode_segment(std::string_view segment) {
  Result<std::string> decoded = decode(segment);
  if (!decoded) return decoded;
  if (*decoded == "." || *decoded == "..") return bad_target("expected a path without \".\" and \"..\"");
  if (decoded->find_first_of("/\\") != std::string::npos)
    return bad_target("expected segments of a path without \"/\" and \"\\\" in them");
  return decoded;
}

}  // namespace

const std::string* HttpTarget::find(std::string_view name) const {
  const auto found =
      std::find_if(queries.begin(), queries.end(), [&](const auto& query) { return query.first == name; });
  return found == queries.end() ? nullptr : &found->second;
}

std::vector<std::string_view> HttpTarget::find_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [each, value] : queries) {
    if (each == name) values.push_back(value);
  }
  return values;
}

Result<HttpTarget> parse_target(std::string_view target) {
  HttpTarget parsed;
  if (!target.starts_with('/')) return bad_target("expected a target that is a path");
  const std::size_t question = target.find('?');
  const std::vector<std::string_view> segments = split(target.substr(1, question - 1), '/');
  if (segments.size() > kPartsMax) return bad_target("expected a path of few segments");
  for (const std::string_view segment : segments) {
    Result<std::string> decoded = decode_segment(segment);
    if (!decoded) return decoded.rejection();
    parsed.path.push_back(*std::move(decoded));
  }
  if (question == std::string_view::npos || question + 1 == target.size()) return parsed;
  const std::vector<std::string_view> parts = split(target.substr(question + 1), '&');
  if (parts.size() > kPartsMax) return bad_target("expected a query of few parts");
  for (const std::string_view part : parts) {
    const std::size_t equals = part.find('=');
    if (equals == 0 || equals == std::string_view::npos) return bad_target("expected a query of parts name=value");
    Result<std::string> name = decode(part.substr(0, equals));
    if (!name) return name.rejection();
    Result<std::string> value = decode(part.substr(equals + 1));
    if (!value) return value.rejection();
    parsed.queries.emplace_back(*std::move(name), *std::move(value));
  }
  return parsed;
}

}  // namespace runledger
