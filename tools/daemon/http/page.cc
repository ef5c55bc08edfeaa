// Answers with the files of the page. None of them holds data of the ledger, so none of them needs a token.
#include "tools/daemon/http/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/ascii.h"
#include "tools/daemon/http/handlers.h"
#include "tools/daemon/http/problem.h"
#include "web/page_files.h"

namespace runledger {
namespace {

constexpr std::string_view kPagePath = "/ui";

// The page draws with elements and its own style sheet alone, so everything else is forbidden. Trusted types keep any
// text from becoming code, even by a mistake in the script.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// Calls `fits` with each element of a header field that is a list, until one fits.
template <class Fits>
bool any_element(const std::optional<std::string>& field, const Fits& fits) {
  std::string_view left = field ? std::string_view(*field) : std::string_view();
  while (!left.empty()) {
    const std::size_t comma = left.find(',');
    if (fits(without_blanks(left.substr(0, comma)))) return true;
    left.remove_prefix(comma == std::string_view::npos ? left.size() : comma + 1);
  }
  return false;
}

// Weights other than "q=0" do not matter, because there is only one compressed form. A weight of 0 refuses it.
bool takes_gzip(const HttpRequest& request) {
  return any_element(request.accept_encoding, [](std::string_view element) {
    const std::size_t end = element.find(';');
    const std::string_view weight =
        end == std::string_view::npos ? std::string_view() : without_blanks(element.substr(end + 1));
    const bool is_refused = weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string_view::npos;
    return equal_fields(without_blanks(element.substr(0, end)), "gzip") && !is_refused;
  });
}

// A weak comparison (RFC 9110, 13.1.2).
bool has_version(const HttpRequest& request, std::string_view tag) {
  return any_element(request.if_none_match, [tag](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    return element == "*" || element == tag;
  });
}

}  // namespace

bool is_of_page(std::string_view path) {
  return path == kPagePath || (path.starts_with(kPagePath) && path[kPagePath.size()] == '/');
}

HttpResponse page_file(std::string_view name, const HttpRequest& request) {
  const auto& files = embedded::page_files();
  const auto file = std::find_if(files.begin(), files.end(), [&](const auto& each) { return each.name == name; });
  if (file == files.end()) return problem(reject("route.not_found", "expected a file of the page"));
  const std::string tag = fmt::format("\"{}\"", file->tag);
  HttpResponse response{.status = 200, .content_type = std::string(file->content_type)};
  response.cache_control = file->name.empty() ? "no-cache" : "public, max-age=31536000, immutable";
  response.headers = {{"ETag", tag},
                      {"Vary", "Accept-Encoding"},
                      {"Content-Security-Policy", std::string(kContentSecurityPolicy)},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"}};
  if (has_version(request, tag)) {
    response.status = 304;
    response.content_type.clear();
    return response;
  }
  const bool compressed = takes_gzip(request);
  if (compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = std::string(compressed ? file->gzip : file->plain);
  return response;
}

namespace http_handlers {

void show_page(const HttpCall& call, const HttpRespond& respond) {
  respond(page_file("", call.request));
}

void show_page_file(const HttpCall& call, const HttpRespond& respond) {
  respond(page_file(call.parameters.front(), call.request));
}

// The page's files have addresses relative to "/ui/", so the slash matters. The location is relative too, for daemons
// that a proxy serves under a prefix.
void redirect_to_page(const HttpCall&, const HttpRespond& respond) {
  respond({.status = 308, .headers = {{"Location", "ui/"}}});
}

}  // namespace http_handlers

}  // namespace runledger
