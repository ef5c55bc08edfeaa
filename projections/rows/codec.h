// The stored form of local rows and totals (docs/projections.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"

namespace runledger {

// Encoding is deterministic: equal rows give equal bytes, so comparing bytes is enough to compare a rebuilt row with a
// followed one. Decoding throws Failure "storage.damaged" when the bytes are not a message of the expected form.
class RowCodec {
 public:
  // The row of one run. Its id is not part of the bytes, because it is the key.
  [[nodiscard]] static std::string encode(const OperationRun::Row& row);
  [[nodiscard]] static OperationRun::Row decode(RunId run, std::string_view stored);

  // The totals of one group, as they are stored.
  [[nodiscard]] static std::string encode(const Statistics& totals);
  [[nodiscard]] static Statistics decode_totals(std::string_view stored);

  // Sums of groups, as the daemon sends them. The limit is what fits in one RPC message.
  static constexpr std::size_t kSumBytesMax = 8'000'000;
  [[nodiscard]] static std::string encode_sum(const Statistics& sum);
  [[nodiscard]] static Statistics decode_sum(std::string_view sent);
};

}  // namespace runledger
