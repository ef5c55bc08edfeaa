// One record of the engine's write-ahead log, as it lies in its file.
//
// The form (RocksDB, "Write Ahead Log File Format"): a file consists of blocks of 32 KiB. A record has a masked CRC-32C
// over type and payload (4 bytes), the payload's length (2), a type (1), all little-endian, and the payload. Records do
// not cross blocks, and a rest of a block that is too short for a header is filled up.
#pragma once

#include <cstddef>
#include <string_view>

namespace runledger {

inline constexpr std::size_t kWalBlockBytes = 32768;
inline constexpr std::size_t kWalHeaderBytes = 7;

// A batch of the engine is one record, or a first piece, any number of middle ones and a last one.
inline constexpr unsigned kWalWhole = 1;
inline constexpr unsigned kWalFirst = 2;
inline constexpr unsigned kWalMiddle = 3;
inline constexpr unsigned kWalLast = 4;
inline constexpr unsigned kWalTypeMax = kWalLast;  // Others are never written.

// The parts of a header. Require kWalHeaderBytes bytes.
[[nodiscard]] std::size_t wal_length(std::string_view header);
[[nodiscard]] unsigned wal_type(std::string_view header);

// Whether a complete record can begin at `at`, the rest of a block, judging by its header alone.
[[nodiscard]] bool is_complete_wal_record(std::string_view at);
// Whether the checksum is right for a record of this type and length.
[[nodiscard]] bool is_wal_record(std::string_view at, unsigned type, std::size_t length);
// Whether a record begins here whose header and checksum are right.
[[nodiscard]] bool is_wal_record(std::string_view at);

}  // namespace runledger
