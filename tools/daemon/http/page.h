// The page that people look at in a browser, as responses: the files of web/ that are part of the program.
#pragma once

#include <string_view>

#include "tools/daemon/http/message.h"

namespace runledger {

// Whether a route belongs to the page, by its path. A daemon that serves no page has none of these routes.
[[nodiscard]] bool is_of_page(std::string_view path);

// Returns the file "/ui/NAME", or the document for an empty name. A caller that has this version already, by its
// If-None-Match, gets 304. The bytes are compressed where Accept-Encoding allows it. Code "route.not_found".
//
// A file whose name has a hash may be kept for ever; the document is asked for again each time. The headers forbid
// every script, style, image and connection but those of the same origin, code within the document, and use of the page
// within another one.
[[nodiscard]] HttpResponse page_file(std::string_view name, const HttpRequest& request);

}  // namespace runledger
