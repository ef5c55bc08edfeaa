// Requests out of the bytes of one connection. The only place that knows Boost.Beast.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tools/daemon/http/framing.h"

namespace runledger {

// For one thread. Holds at most one request and what came with its last bytes, so a sender of many is read no further
// than the one that is being answered.
class HttpReader {
 public:
  explicit HttpReader(const HttpFramingLimits& limits);
  ~HttpReader();

  // The bytes that came.
  void add(std::string_view bytes);

  enum class Progress {
    kNeedsBytes,
    kHead,      // The header is there: all of request() but its body. Told once a request.
    kComplete,  // Told until next().
    kRefused,   // See refusal(); nothing can be read any more.
  };
  [[nodiscard]] Progress advance();

  [[nodiscard]] HttpRequest& request();
  [[nodiscard]] const HttpRefusal& refusal() const;
  // Whether any byte of the request under way is there.
  [[nodiscard]] bool begun() const;
  // Goes on to the next request.
  void next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
