// Each thread keeps one compressor and one decompressor, because making them costs more than a short text does.
#include "ledger/values/deflate.h"

#include <zlib.h>

#include <algorithm>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

constexpr int kRawWindowBits = -15;  // Negative: without zlib's header and checksum, which a seal makes needless.
constexpr int kLevel = 6;
constexpr int kMemoryLevel = 8;

struct Deflater {
  z_stream stream{};
  Deflater() {
    RUNLEDGER_ASSERT(deflateInit2(&stream, kLevel, Z_DEFLATED, kRawWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) ==
                     Z_OK);
  }
  ~Deflater() { deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
};

struct Inflater {
  z_stream stream{};
  Inflater() { RUNLEDGER_ASSERT(inflateInit2(&stream, kRawWindowBits) == Z_OK); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

// zlib's interface is older than const.
void set_input(z_stream& stream, std::string_view text) {
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
}

void set_output(z_stream& stream, std::string& out, std::size_t from) {
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + from);
  stream.avail_out = static_cast<uInt>(out.size() - from);
}

}  // namespace

std::string deflate_text(std::string_view text) {
  thread_local Deflater deflater;
  z_stream& stream = deflater.stream;
  RUNLEDGER_ASSERT(deflateReset(&stream) == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  set_input(stream, text);
  set_output(stream, out, 0);
  RUNLEDGER_ASSERT(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  return out;
}

std::optional<std::string> inflate_text(std::string_view deflated, std::size_t bytes_max) {
  thread_local Inflater inflater;
  z_stream& stream = inflater.stream;
  RUNLEDGER_ASSERT(inflateReset(&stream) == Z_OK);
  std::string out(std::min(bytes_max, 4 * deflated.size() + 64), '\0');
  set_input(stream, deflated);
  set_output(stream, out, 0);
  for (;;) {
    const int status = ::inflate(&stream, Z_NO_FLUSH);
    const std::size_t size = out.size() - stream.avail_out;
    if (status == Z_STREAM_END) {
      if (stream.avail_in != 0) return std::nullopt;
      out.resize(size);
      return out;
    }
    const bool wants_room = (status == Z_OK || status == Z_BUF_ERROR) && stream.avail_out == 0;
    if (!wants_room || out.size() == bytes_max) return std::nullopt;
    out.resize(std::min(bytes_max, 2 * out.size()));
    set_output(stream, out, size);
  }
}

}  // namespace runledger
