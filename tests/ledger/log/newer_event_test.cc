// Events of the kinds that the schema reserves for later versions, and of kinds that it does not have.
#include <capnp/any.h>
#include <capnp/schema.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/log/codec.h"
#include "ledger/log/entries.h"
#include "tests/fixtures/data/edited_event.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class NewerEvents : public testing::Test {
 protected:
  NewerEvents() {
    for (int i = 1; i <= 8; ++i) ledger.submit(examples::request({.run = examples::run_id(i)}), examples::at(i));
  }

  [[nodiscard]] SeenFailure failure_to_read(const std::function<void(wire::Envelope::Builder)>& edit) const {
    return failure_of([&] { return decode(Sequence{5}, edited(ledger.events[4], edit)); });
  }

  MemoryLedger ledger;
};

class NewerEventsInALog : public NewerEvents {
 protected:
  NewerEventsInALog() { stored.append(ledger); }

  StoredLog stored;
};

TEST_F(NewerEvents, OfTheReservedKindsAreNamedAndAreNoDamage) {
  using Facts = wire::Envelope::Facts::Builder;
  const std::pair<const char*, std::function<void(Facts)>> kinds[] = {
      {"audit-key-rotated", [](Facts facts) { facts.initAuditKeyRotated(); }},
  };
  for (const auto& [kind, set] : kinds) {
    const SeenFailure failure = failure_to_read([&set = set](wire::Envelope::Builder event) { set(event.getFacts()); });
    EXPECT_EQ(failure.code, "ledger.format_newer") << kind;
    EXPECT_EQ(failure.remedy, Remedy::kCallOperator) << kind;
    EXPECT_THAT(failure.what,
                AllOf(HasSubstr(std::string("found the kind ") + kind + ","), HasSubstr("newer version")));
  }
}

TEST_F(NewerEvents, AreThoseWithAContentThatIsSealedInAnotherFormToo) {
  const SeenFailure failure = failure_to_read([](wire::Envelope::Builder event) { event.getContent().initSealed(64); });
  EXPECT_EQ(failure.code, "ledger.format_newer");
}

TEST_F(NewerEvents, AreKnownByTheirKindWhateverElseTheyHold) {
  const SeenFailure failure = failure_to_read([](wire::Envelope::Builder event) {
    event.getFacts().initAuditKeyRotated();
    event.getContent().initSealed(16);
    event.setCallerKind(static_cast<wire::CallerKind>(99));
  });
  EXPECT_EQ(failure.code, "ledger.format_newer");
}

TEST_F(NewerEvents, OfAKindThatTheSchemaDoesNotHaveAreDamage) {
  const auto kinds = capnp::Schema::from<wire::Envelope::Facts>().asStruct();
  const SeenFailure failure = failure_to_read([&kinds](wire::Envelope::Builder event) {
    const auto place = kinds.getProto().getStruct().getDiscriminantOffset() * sizeof(std::uint16_t);
    capnp::AnyStruct::Builder(kj::mv(event)).getDataSection()[place] =
        static_cast<capnp::byte>(kinds.getUnionFields().size());
  });
  EXPECT_EQ(failure.code, "storage.damaged");
  EXPECT_THAT(failure.what, HasSubstr("a kind that no version has used"));
}

TEST_F(NewerEventsInALog, StopItsReadersAndAreNumbered) {
  stored.put(Family::kEvents, event_key(Sequence{5}), newer_in_place_of(ledger.events[4]));
  const EventLog& log = stored.log();
  const auto scan = [&log] {
    log.scan({}, log.last(), [](const Envelope&, std::string_view) { return Scan::kContinue; });
  };
  const auto expect_stop = [](const SeenFailure& failure) {
    EXPECT_EQ(failure.code, "ledger.format_newer");
    EXPECT_THAT(failure.what, HasSubstr("event 5: "));
  };
  expect_stop(failure_of(scan));
  expect_stop(failure_of([&] { return log.read({}, 100); }));
  expect_stop(failure_of([&] { return log.find(Sequence{5}); }));
}

TEST_F(NewerEventsInALog, KeepItFromOpeningWhenTheyAreAtItsEnd) {
  stored.put(Family::kEvents, event_key(stored.log().last()), newer_in_place_of(ledger.events.back()));
  EXPECT_EQ(failure_of([&] { stored.reopen(); }).code, "ledger.format_newer");
}

}  // namespace
}  // namespace runledger
