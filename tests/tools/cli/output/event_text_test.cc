// Tests the wording of events whose optional parts are missing.
#include "tools/cli/output/event_text.h"

#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

std::string text(Event event) {
  Envelope envelope;
  envelope.event = std::move(event);
  return event_text(envelope);
}

TEST(EventText, OfASkippedStartNamesItsWorkerIfItHasOne) {
  Deduped skipped{DedupeRule::kAttemptActive, DedupeStage::kExecute, sanitize("w1"), at(5), {}};
  EXPECT_EQ(text(skipped), "a start was skipped (attempt_active), asked by w1, not again before " + format_time(at(5)));
  skipped.asked_by = SanitizedText{};
  EXPECT_EQ(text(skipped), "a start was skipped (attempt_active), not again before " + format_time(at(5)));
  skipped.asked_by.reset();
  EXPECT_EQ(text(skipped), "a start was skipped (attempt_active), not again before " + format_time(at(5)));
}

TEST(EventText, OfAnEndNamesWhoEndedItIfThereIsAName) {
  RunFailed failed{.reason_code = *parse_reason_code("run.cancelled"),
                   .failures = {},
                   .outcome = RunOutcome::kCancelled,
                   .digest = {},
                   .initiator = SanitizedText{}};
  EXPECT_EQ(text(failed), "ended as cancelled (run.cancelled)");
  failed.initiator = sanitize("ann");
  EXPECT_EQ(text(failed), "ended as cancelled (run.cancelled) by ann");
}

}  // namespace
}  // namespace runledger
