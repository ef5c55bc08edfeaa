// OpenSSL encodes. Decoding is strict because its result must encode to the same text again.
#include "ledger/values/base64.h"

#include <openssl/evp.h>

#include "ledger/secrets/base64.h"

namespace runledger {

std::string format_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock() also writes a zero byte.
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> parse_base64(std::string_view text) {
  std::string bytes = decode_base64(text);
  if (format_base64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace runledger
