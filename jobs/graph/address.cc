// Parses URLs strictly: a URL that two parsers could understand in two ways is refused.
#include "jobs/graph/address.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/ascii.h"
#include "ledger/base/loopback.h"
#include "ledger/values/number.h"

namespace runledger {

namespace {

constexpr std::size_t kUrlBytesMax = 8 * 1024;
constexpr unsigned kPortMax = 65535;

struct UrlParts {
  std::string scheme;
  std::string host;
  std::string port;
  std::string target;  // Path and query; empty, or begins with '/' or '?'.
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

// Visible ASCII without the characters that a URL must not contain. Some parsers treat a backslash as a slash.
bool has_url_characters_only(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7F' && std::string_view("\"\\<>^`{|}").find(c) == std::string_view::npos;
  });
}

bool is_host(std::string_view host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    return is_alnum(c) || c == '.' || (bracketed ? c == ':' : c == '-');
  });
}

bool is_port(std::string_view port) {
  return parse_number(port, "port", {.min = 1, .max = kPortMax}) && port.front() != '0';
}

std::string_view default_port(std::string_view scheme) {
  return scheme == "https" ? "443" : "80";
}

std::optional<UrlParts> take_apart(std::string_view url) {
  if (url.size() > kUrlBytesMax || !has_url_characters_only(url) || url.find('#') != std::string_view::npos) return {};
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return {};
  UrlParts parts;
  parts.scheme = lower(url.substr(0, colon));
  if (parts.scheme != "https" && parts.scheme != "http") return {};
  url.remove_prefix(colon + 3);
  const std::size_t authority_end = std::min(url.find_first_of("/?"), url.size());
  std::string_view authority = url.substr(0, authority_end);
  parts.target = std::string(url.substr(authority_end));
  const std::size_t bracket = authority.find(']');
  const std::size_t port_colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.port = std::string(default_port(parts.scheme));
  if (port_colon != std::string_view::npos) {
    if (!is_port(authority.substr(port_colon + 1))) return {};
    parts.port = std::string(authority.substr(port_colon + 1));
    authority = authority.substr(0, port_colon);
  }
  if (!is_host(authority)) return {};  // Also refuses USER@HOST, which could hide the real host.
  parts.host = lower(authority);
  return parts;
}

}  // namespace

Result<GraphAddress> GraphAddress::parse(std::string_view base_url) {
  const std::optional<UrlParts> parts = take_apart(base_url);
  if (!parts || parts->target.find('?') != std::string::npos)
    return reject("graph.base_url_invalid",
                  "expected https://HOST[:PORT][/PATH] as Graph's base URL, found another text");
  if (parts->scheme != "https" && !is_loopback(parts->host))
    return reject("graph.base_url_invalid",
                  "expected https in Graph's base URL, found http to a host that is not the loopback");
  GraphAddress address;
  address.scheme_ = parts->scheme;
  address.host_ = parts->host;
  address.port_ = parts->port;
  address.path_ = parts->target;
  while (address.path_.ends_with('/')) address.path_.pop_back();
  return address;
}

std::string GraphAddress::url(std::string_view path) const {
  return fmt::format("{}://{}:{}{}{}", scheme_, host_, port_, path_, path);
}

std::optional<std::string> GraphAddress::followed(std::string_view link) const {
  const std::optional<UrlParts> parts = take_apart(link);
  if (!parts || parts->scheme != scheme_ || parts->host != host_ || parts->port != port_) return {};
  if (!parts->target.starts_with('/')) return {};
  return fmt::format("{}://{}:{}{}", scheme_, host_, port_, parts->target);
}

}  // namespace runledger
