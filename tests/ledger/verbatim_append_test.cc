// Events of another ledger are appended exactly as they are, or not at all.
#include <gtest/gtest.h>

#include "ledger/ledger.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using namespace examples;  // NOLINT(google-build-using-namespace): example data reads as plain words.

TEST(VerbatimAppends, OfEventsThatCannotFollowAreRefusedAndChangeNothing) {
  TemporaryLedger world;
  Sequencer& sequencer = world.ledger().sequencer();
  (void)sequencer.submit({.command = request({.run = run_id(1)})}).get();
  (void)sequencer.submit({.command = StartAttempt{run_id(1), sanitize("w"), {}}}).get();
  const std::vector<Envelope> events = world.ledger().log().read(Sequence{0}, 10);
  const auto refused = [&](auto spoil) {
    std::vector<Envelope> spoilt = events;
    spoil(spoilt);
    TemporaryLedger copy;
    const Answer answer = copy.ledger().sequencer().append_verbatim(spoilt).get();
    EXPECT_EQ(copy.ledger().log().last(), Sequence{0});
    EXPECT_FALSE(copy.ledger().states().load_run(run_id(1)).exists());
    return code_of(answer);
  };
  EXPECT_EQ(refused([](auto& all) { all.erase(all.begin()); }), "event.out_of_sequence");
  EXPECT_EQ(refused([](auto& all) { all[1].run_version = RunVersion{3}; }), "event.illegal");
  EXPECT_EQ(refused([](auto& all) { all[1].scope_sequence = ScopeSequence{3}; }), "event.illegal");
  EXPECT_EQ(refused([](auto& all) { all[1].recorded_at = all[0].recorded_at - Duration{1}; }), "event.illegal");
  EXPECT_EQ(refused([](auto& all) { all[1].scope = scope("fabrikam"); }), "event.illegal");
  EXPECT_EQ(refused([](auto& all) { all.clear(); }), "batch.too_large");
}

}  // namespace
}  // namespace runledger
