// Reads requests from the bytes of one connection. This is the only pair of files that uses Boost.Beast.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tools/daemon/http/framing.h"

namespace runledger {

// Not thread-safe. It holds at most one request, and the bytes that came together with its end: it does not parse the
// next request before next(). Use: add() bytes, call advance() until it needs more, answer the request, call next().
class HttpReader {
 public:
  explicit HttpReader(const HttpFramingLimits& limits);
  ~HttpReader();

  // Appends bytes that came from the connection.
  void add(std::string_view bytes);

  enum class Progress {
    kNeedsBytes,
    kHead,      // The header is complete: request() has everything but the body. Returned once for each request.
    kComplete,  // request() is complete. Returned until next().
    kRefused,   // See refusal(). Returned for ever: nothing can be read from this connection any more.
  };
  // Goes on with the bytes that have come, up to the next of these states.
  [[nodiscard]] Progress advance();

  // The current request. The caller may move from it. Filled from kHead on.
  [[nodiscard]] HttpRequest& request();
  // Requires that advance() returned kRefused.
  [[nodiscard]] const HttpRefusal& refusal() const;
  // Whether any byte of the current request has come.
  [[nodiscard]] bool begun() const;
  // Goes on to the next request. Requires that the current one is complete.
  void next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
