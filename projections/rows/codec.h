// The stored form of local rows and totals (docs/projections.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "projections/folds/operation_run.h"
#include "projections/folds/statistics.h"

namespace runledger {

// Deterministic: equal rows give equal bytes, so that a rebuilt row can be told from a followed one by its bytes alone.
// Decoding throws Failure "storage.damaged" when the bytes are none of these.
class RowCodec {
 public:
  [[nodiscard]] static std::string encode(const OperationRun::Row& row);
  [[nodiscard]] static OperationRun::Row decode(RunId run, std::string_view stored);

  // Totals of one group, as they are stored.
  [[nodiscard]] static std::string encode(const Statistics& totals);
  [[nodiscard]] static Statistics decode_totals(std::string_view stored);

  // Sums of groups, as they are sent: at most what a message of RPC may have.
  static constexpr std::size_t kSumBytesMax = 8'000'000;
  [[nodiscard]] static std::string encode_sum(const Statistics& sum);
  [[nodiscard]] static Statistics decode_sum(std::string_view sent);
};

}  // namespace runledger
