// Checks the framing of a request header before Boost.Beast parses it.
//
// Smuggling attacks need two readers, such as a proxy and this server, that disagree on where a request ends. So the
// check does not repair or ignore anything: it accepts only headers that can be read in one way. It runs on the raw
// bytes, because a parser would already have chosen an interpretation (a bare LF as a line end, a continued line, two
// equal Content-Length fields).
//
// check_framing() goes over the block three times. check_bytes() looks at single bytes: CR and LF only as a pair, and
// no other control byte except a tab. Then the block is split at CR LF into lines; the first is checked by
// check_request_line(), the others must be "name: value" (a continued line begins with a blank and so is not a field).
// Finally check_fields() looks at fields together: no field of kOnce twice, one valid Host, and one clear statement
// of the body's length.
//
// check_framing_so_far() runs the first pass on an incomplete header as it comes, so that a caller that sends garbage,
// or too much, is refused without waiting for the end of its header.
#include "tools/daemon/http/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "ledger/base/ascii.h"
#include "ledger/base/assert.h"
#include "ledger/values/number.h"

namespace runledger {
namespace {

using Refusal = std::optional<HttpRefusal>;

constexpr std::string_view kOldVersion = "HTTP/1.0";
constexpr std::string_view kProbes[] = {"/healthz", "/readyz", "/metrics"};
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

// If one of these fields came twice, it would be open which one counts.
constexpr std::array<std::string_view, 11> kOnce = {"host",          "content-length",   "transfer-encoding",
                                                    "authorization", "content-type",     "idempotency-key",
                                                    "last-event-id", "origin",           "expect",
                                                    "connection",    "runledger-starter"};

HttpRefusal malformed(std::string_view detail) {
  return {400, reject("http.malformed", detail)};
}

HttpRefusal too_large(const HttpFramingLimits& limits) {
  return {431, reject("http.header_too_large", fmt::format("expected a header of at most {} bytes and {} fields",
                                                           limits.header_bytes_max, limits.headers_max))};
}

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [&](char c) { return is_alnum(c) || kOthers.find(c) != std::string_view::npos; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Allows CR and LF only as a pair, and no other control byte except the tab.
Refusal check_bytes(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] == '\n')) continue;
    if (text[i] == '\n' && i > 0 && text[i - 1] == '\r') continue;
    if ((byte < 0x20 && text[i] != '\t') || byte == 0x7F)
      return malformed(fmt::format("expected a header without control bytes, found byte 0x{:02x} at {}", byte, i));
  }
  return {};
}

Refusal check_request_line(std::string_view line) {
  if (!std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }))
    return malformed("expected a request line in ASCII");
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return malformed("expected a method, a target and a version with one blank between each");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!is_token(method)) return malformed("expected a method of HTTP");
  const std::string_view version = line.substr(last + 1);
  if (!version.starts_with("HTTP/")) return malformed("expected a version of HTTP");
  if (version != "HTTP/1.1" && !(version == kOldVersion && is_probe(target)))
    return HttpRefusal{505, reject("http.version", "expected HTTP/1.1")};
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end())
    return HttpRefusal{501,
                       reject("http.not_implemented", "expected GET or POST, found a method that is never served")};
  if (!target.starts_with('/') || target.find(' ') != std::string_view::npos)
    return malformed("expected a target that is a path");
  return {};
}

struct Field {
  std::string_view name;
  std::string_view value;
};

// Returns nullopt when the line is not a field.
std::optional<Field> parse_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return std::nullopt;
  return Field{line.substr(0, colon), trimmed(line.substr(colon + 1))};
}

const Field* find_field(const std::vector<Field>& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return equal_fields(field.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

Refusal check_length(std::string_view value, const HttpFramingLimits& limits) {
  if (!only_digits(value)) return malformed("expected a Content-Length of decimal digits");
  if (parse_number(value, "content_length", {.max = limits.body_bytes_max})) return {};
  return HttpRefusal{
      413, reject("http.body_too_large", fmt::format("expected a body of at most {} bytes", limits.body_bytes_max))};
}

Refusal check_host(const Field* host) {
  if (host == nullptr) return malformed("expected a Host, found none");
  const bool visible = std::all_of(host->value.begin(), host->value.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (host->value.empty() || !visible || host->value.find_first_of("/@?#,\\") != std::string_view::npos)
    return malformed("expected a Host that is a name or an address");
  return {};
}

Refusal check_fields(const std::vector<Field>& fields, bool is_old, const HttpFramingLimits& limits) {
  for (const std::string_view once : kOnce) {
    if (std::count_if(fields.begin(), fields.end(),
                      [&](const Field& field) { return equal_fields(field.name, once); }) > 1)
      return malformed(fmt::format("expected one field \"{}\", found several", once));
  }
  const Field* host = find_field(fields, "host");
  const bool needs_host = !is_old || host != nullptr;
  if (auto refusal = needs_host ? check_host(host) : std::nullopt) return refusal;
  const Field* length = find_field(fields, "content-length");
  const Field* coding = find_field(fields, "transfer-encoding");
  if (is_old && (length != nullptr || coding != nullptr)) return malformed("expected no body in HTTP/1.0, found one");
  if (length != nullptr && coding != nullptr)
    return malformed("expected Content-Length or Transfer-Encoding, found both");
  if (coding != nullptr && !equal_fields(coding->value, "chunked"))
    return HttpRefusal{501, reject("http.not_implemented", "expected no transfer coding but chunked")};
  const Field* expect = find_field(fields, "expect");
  if (expect != nullptr && !equal_fields(expect->value, "100-continue"))
    return HttpRefusal{417, reject("http.expectation", "expected 100-continue")};
  return length == nullptr ? std::nullopt : check_length(length->value, limits);
}

}  // namespace

bool equal_fields(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

Refusal check_framing_so_far(std::string_view start, const HttpFramingLimits& limits) {
  // The longest header that is allowed has come, without its end.
  if (start.size() >= limits.header_bytes_max) return too_large(limits);
  return check_bytes(start);
}

Refusal check_framing(std::string_view block, const HttpFramingLimits& limits) {
  RUNLEDGER_ASSERT(block.ends_with("\r\n\r\n"));
  if (block.size() > limits.header_bytes_max) return too_large(limits);
  if (auto refusal = check_bytes(block)) return refusal;
  block.remove_suffix(kLineEnd.size());
  std::vector<Field> fields;
  bool first = true;
  bool is_old = false;
  while (!block.empty()) {
    const std::size_t end = block.find(kLineEnd);
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(end + kLineEnd.size());
    if (first) {
      if (auto refusal = check_request_line(line)) return refusal;
      first = false;
      is_old = line.ends_with(kOldVersion);
      continue;
    }
    if (fields.size() == limits.headers_max) return too_large(limits);
    const std::optional<Field> field = parse_field(line);
    if (!field) return malformed("expected each field on a line of its own, as \"name: value\"");
    fields.push_back(*field);
  }
  if (first) return malformed("expected a request line, found none");
  return check_fields(fields, is_old, limits);
}

bool is_probe(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return std::find(std::begin(kProbes), std::end(kProbes), path) != std::end(kProbes);
}

}  // namespace runledger
