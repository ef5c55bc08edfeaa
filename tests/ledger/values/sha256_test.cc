// The keyed digests and keys that are made of SHA-256.
#include "ledger/values/sha256.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

// The 32 bytes 00 01 ... 1f.
std::array<unsigned char, 32> counted_bytes() {
  std::array<unsigned char, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i);
  return bytes;
}

// Computed by Python's hmac after RFC 5869, without a salt.
TEST(HkdfSha256, IsThatOfTheStandard) {
  const std::array<unsigned char, 32> secret = counted_bytes();
  const auto key = hkdf_sha256(view_of(secret), "purpose");
  EXPECT_EQ(format_hex(view_of(key)), "c938f7c9c926b1456b39fd3811e7b2d8beccd709fed368d133553b438fb89d0b");
  EXPECT_NE(hkdf_sha256(view_of(secret), "another purpose"), key);
}

// Computed by Python's hmac.
TEST(HmacSha256, IsThatOfTheStandard) {
  EXPECT_EQ(format_hex(bytes_of(hmac_sha256(counted_bytes(), "content"))),
            "375258850f8c6e806971d9354931d8c6562c10e7f5dc4b56d8a7eb7c9bbd6bfb");
}

}  // namespace
}  // namespace runledger
