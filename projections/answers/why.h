// Why a run is not being carried out.
#pragma once

#include <cstdint>

#include "ledger/base/enum_words.h"

namespace runledger {

enum class WhyNot : std::uint8_t {
  kRunning,       // It is being carried out.
  kLeaseExpired,  // Its worker gave no sign of life in time; the attempt is about to be taken back.
  kCompleted,
  kImportedOpen,  // A journal left it open, so it is the business of the journal's source.
  kBackoff,       // It is not due yet.
  kDue,           // It is due, and next.
  kInLine,        // It is due, and others of its type and scope are due before it.
  kNoClaim,       // It is due, and no caller waits for runs of its type and scope.
  kNoToken,       // The same, and no access token could.
};
template <>
inline constexpr auto kEnumWords<WhyNot> = enum_words<WhyNot>({
    {WhyNot::kRunning, "running"},
    {WhyNot::kLeaseExpired, "lease_expired"},
    {WhyNot::kCompleted, "completed"},
    {WhyNot::kImportedOpen, "imported_open"},
    {WhyNot::kBackoff, "backoff"},
    {WhyNot::kDue, "due"},
    {WhyNot::kInLine, "in_line"},
    {WhyNot::kNoClaim, "no_claim"},
    {WhyNot::kNoToken, "no_token"},
});

}  // namespace runledger
