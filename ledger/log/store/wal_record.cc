// Headers and checksums of records.
#include "ledger/log/store/wal_record.h"

#include <array>
#include <cstdint>

namespace runledger {
namespace {

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

std::uint32_t checksum_in(std::string_view header) {
  return byte_at(header, 0) | byte_at(header, 1) << 8U | byte_at(header, 2) << 16U | byte_at(header, 3) << 24U;
}

// CRC-32C (RFC 3720, B.4).
class Crc32c {
 public:
  void add(unsigned byte) { value_ = table()[(value_ ^ byte) & 0xffU] ^ (value_ >> 8U); }
  void add(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) add(byte_at(bytes, i));
  }
  // The form in which the engine stores a checksum, so that a checksum over checksums stays strong.
  [[nodiscard]] std::uint32_t masked() const {
    const std::uint32_t crc = ~value_;
    return ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U;
  }

 private:
  static const std::array<std::uint32_t, 256>& table() {
    static const auto made = [] {
      std::array<std::uint32_t, 256> entries{};
      for (std::uint32_t i = 0; i < entries.size(); ++i) {
        std::uint32_t entry = i;
        for (int bit = 0; bit < 8; ++bit) entry = (entry >> 1U) ^ ((entry & 1U) != 0 ? 0x82f63b78U : 0);
        entries[i] = entry;
      }
      return entries;
    }();
    return made;
  }

  std::uint32_t value_ = ~0U;
};

}  // namespace

std::size_t wal_length(std::string_view header) {
  return byte_at(header, 4) | byte_at(header, 5) << 8U;
}

unsigned wal_type(std::string_view header) {
  return byte_at(header, 6);
}

bool is_complete_wal_record(std::string_view at) {
  return at.size() >= kWalHeaderBytes && wal_type(at) >= 1 && wal_type(at) <= kWalTypeMax &&
         kWalHeaderBytes + wal_length(at) <= at.size();
}

bool is_wal_record(std::string_view at, unsigned type, std::size_t length) {
  if (kWalHeaderBytes + length > at.size()) return false;
  Crc32c crc;
  crc.add(type);
  crc.add(at.substr(kWalHeaderBytes, length));
  return crc.masked() == checksum_in(at);
}

bool is_wal_record(std::string_view at) {
  return is_complete_wal_record(at) && is_wal_record(at, wal_type(at), wal_length(at));
}

}  // namespace runledger
