// What a series is divided by, and what it counts.
#pragma once

#include <cstdint>

#include "ledger/base/enum_words.h"

namespace runledger {

enum class SeriesBy : std::uint8_t { kNothing, kOutcome, kRule, kType, kTenant };
template <>
inline constexpr auto kEnumWords<SeriesBy> = enum_words<SeriesBy>({{SeriesBy::kNothing, "nothing"},
                                                                   {SeriesBy::kOutcome, "outcome"},
                                                                   {SeriesBy::kRule, "rule"},
                                                                   {SeriesBy::kType, "type"},
                                                                   {SeriesBy::kTenant, "tenant"}});

enum class SeriesOf : std::uint8_t { kRequested, kStarted, kDeduped, kCompleted, kFailed };
template <>
inline constexpr auto kEnumWords<SeriesOf> = enum_words<SeriesOf>({{SeriesOf::kRequested, "requested"},
                                                                   {SeriesOf::kStarted, "started"},
                                                                   {SeriesOf::kDeduped, "deduped"},
                                                                   {SeriesOf::kCompleted, "completed"},
                                                                   {SeriesOf::kFailed, "failed"}});

}  // namespace runledger
