// Positions in the scope of one tenant or one workspace, among the events of others.
#include "tools/daemon/access/scope_positions.h"

#include <gtest/gtest.h>

#include <limits>

#include "ledger/base/failure.h"
#include "ledger/client.h"
#include "ledger/log/ledger_events.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/corrupted_store.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

// North's events are at 2, 3 and 6 of the log; the other events are those of south, a tenant of another workspace.
class Positions : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::string_view tenant : {"south", "north", "north", "south", "south", "north"}) request(tenant);
  }
  void request(std::string_view tenant) {
    const auto client = embedded_client(world.ledger());
    RunRequest request;
    request.workspace = tenant == "south" ? examples::workspace("globex") : examples::workspace();
    request.tenant = examples::tenant(tenant);
    request.type = examples::type();
    request.input = examples::input("{\"n\":" + std::to_string(++requested_) + "}");
    ASSERT_TRUE(std::holds_alternative<Reply>(client->submit(request, {})));
  }

  TemporaryLedger world;
  ScopePositions of(const std::optional<Workspace>& workspace, const std::optional<Tenant>& tenant) {
    return {world.ledger().log(), world.ledger().position_seal(), workspace, tenant};
  }
  ScopePositions north = of(examples::workspace(), examples::tenant("north"));
  ScopePositions acme = of(examples::workspace(), std::nullopt);  // Has the events of north only.
  ScopePositions whole = of(std::nullopt, std::nullopt);

 private:
  int requested_ = 0;
};

TEST_F(Positions, GoFromTheLogToTheScopeAndBack) {
  for (const ScopePositions& own : {north, acme}) {
    for (const auto& [in_log, in_scope] : {std::pair{2U, 1U}, {3U, 2U}, {6U, 3U}}) {
      EXPECT_EQ(own.to_scope_sequence(Sequence{in_log}), Sequence{in_scope});
      EXPECT_EQ(own.to_log_sequence(Sequence{in_scope}), Sequence{in_log});
    }
    EXPECT_EQ(own.to_scope_sequence(Sequence{}), Sequence{});
    EXPECT_EQ(own.to_log_sequence(Sequence{}), Sequence{});
    EXPECT_EQ(own.to_log_sequence(Sequence{4}), Sequence{}) << "the scope does not have so many events";
  }
}

TEST_F(Positions, OfATenantHaveAGapAfterARestoration) {
  constexpr std::uint64_t kSkipped = 1'000'000;
  Envelope restored = next_ledger_event(LedgerEvents());
  restored.sequence = world.ledger().log().last().next();
  restored.recorded_at = world.ledger().log().head().recorded_at;
  restored.event = Restored{.skipped = kSkipped, .outside_mark = {}, .backup_made_at = {}};
  ASSERT_TRUE(std::holds_alternative<Reply>(world.ledger().sequencer().append_verbatim({restored}).get()));
  request("north");
  EXPECT_EQ(north.scope_count_at(world.ledger().log().last()), Sequence{kSkipped + 4});
  EXPECT_EQ(north.last_at(Sequence{kSkipped + 4}), Sequence{kSkipped + 4});
  for (const std::uint64_t skipped : {std::uint64_t{4}, kSkipped / 2, kSkipped + 3})
    EXPECT_EQ(north.last_at(Sequence{skipped}), Sequence{3});
  EXPECT_EQ(north.last_at(Sequence{2}), Sequence{2});
  EXPECT_EQ(north.last_at(Sequence{}), Sequence{});
  EXPECT_EQ(acme.last_at(Sequence{4}), Sequence{4}) << "a workspace counts on";
}

TEST_F(Positions, ArePagedThrough) {
  for (const ScopePositions& own : {north, acme}) {
    for (std::uint64_t after = 0; after < 3; ++after) {
      const EventPage page = own.read({.after = Sequence{after}, .filter = {}, .count_max = 1});
      ASSERT_EQ(page.events.size(), 1U);
      EXPECT_EQ(page.events.front().envelope.sequence, Sequence{after + 1});
      EXPECT_EQ(page.next, Sequence{after + 1});
    }
    for (const std::uint64_t after : {std::uint64_t{3}, std::uint64_t{4}, std::numeric_limits<std::uint64_t>::max()}) {
      const EventPage page = own.read({.after = Sequence{after}, .filter = {}, .count_max = 1});
      EXPECT_TRUE(page.events.empty());
      EXPECT_EQ(page.next, Sequence{after});
    }
    EXPECT_EQ(own.read({.after = {}, .to = Sequence{2}, .filter = {}, .count_max = 9}).events.size(), 2U);
    EXPECT_TRUE(own.read({.after = Sequence{2}, .to = Sequence{1}, .filter = {}, .count_max = 9}).events.empty());
    EventFilter nobodys;
    nobodys.tenant = examples::tenant("nobody");
    EXPECT_EQ(own.read({.after = {}, .filter = nobodys, .count_max = 9}).next, Sequence{3});
  }
}

TEST_F(Positions, InRepliesAndEventsAreTranslatedToo) {
  Reply reply;
  reply.sequence = Sequence{6};
  OperationRun::Row row;
  row.last_sequence = Sequence{6};
  for (const ScopePositions& own : {north, acme}) {
    EXPECT_EQ(own.to_scope_sequence(reply).sequence, Sequence{3});
    EXPECT_EQ(own.to_scope_sequence(*world.ledger().log().find(Sequence{3})).sequence, Sequence{2});
    EXPECT_EQ(own.to_scope_sequence(row).last_sequence, Sequence{3});
  }
}

std::string sealed_by(const ScopePositions& own, Sequence sequence) {
  Reply reply;
  reply.sequence = sequence;
  return own.to_scope_sequence(reply).position.value_or("");
}

TEST_F(Positions, InRepliesAreSealedForTheirScope) {
  const ScopePositions south = of(examples::workspace("globex"), examples::tenant("south"));
  for (const auto& [own, neighbour] : {std::pair{north, acme}, {acme, north}}) {
    for (const std::uint64_t position : {2U, 3U, 6U}) {
      const std::string sealed = sealed_by(own, Sequence{position});
      EXPECT_EQ(own.open(sealed), Sequence{position});
      EXPECT_EQ(sealed_by(own, Sequence{position}), sealed);
      for (const ScopePositions& other : {south, whole, neighbour}) EXPECT_EQ(other.open(sealed), std::nullopt);
      std::string changed = sealed;
      changed.back() = changed.back() == '0' ? '1' : '0';
      EXPECT_EQ(own.open(changed), std::nullopt);
      EXPECT_EQ(own.open(sealed.substr(1)), std::nullopt);
    }
    EXPECT_EQ(sealed_by(own, Sequence{}), "") << "the reply names no event";
    EXPECT_EQ(own.open(""), std::nullopt);
  }
  EXPECT_EQ(sealed_by(whole, Sequence{2}), "") << "the sequence itself is the position";
}

TEST_F(Positions, AreCountedUpToAnyPositionOfTheLog) {
  const std::uint64_t counts[] = {0, 0, 1, 2, 2, 2, 3, 3};
  for (std::uint64_t to = 0; to < std::size(counts); ++to) {
    for (const ScopePositions& own : {north, acme})
      EXPECT_EQ(own.scope_count_at(Sequence{to}), Sequence{counts[to]}) << to;
    EXPECT_EQ(whole.scope_count_at(Sequence{to}), Sequence{to});
  }
}

TEST_F(Positions, AreReachedUpToTheLastEventOfTheScope) {
  for (const ScopePositions& own : {north, acme}) {
    for (const std::uint64_t position : {0U, 1U, 3U}) EXPECT_TRUE(own.is_reached(Sequence{position})) << position;
    EXPECT_FALSE(own.is_reached(Sequence{4}));
    EXPECT_FALSE(own.is_reached(Sequence{std::numeric_limits<std::uint64_t>::max()}));
  }
  EXPECT_TRUE(whole.is_reached(Sequence{6}));
  EXPECT_FALSE(whole.is_reached(Sequence{7}));
}

TEST_F(Positions, OfAMomentMeanTheLastEventWhereTheyAreTooLate) {
  for (const ScopePositions& own : {north, acme}) {
    EXPECT_EQ(own.resolve_as_of({}), Sequence{6});
    EXPECT_EQ(own.resolve_as_of(AsOf{Sequence{0}}), Sequence{0});
    EXPECT_EQ(own.resolve_as_of(AsOf{Sequence{2}}), Sequence{3});
    EXPECT_EQ(own.resolve_as_of(AsOf{Sequence{99}}), Sequence{6});
  }
  EXPECT_EQ(whole.resolve_as_of(AsOf{Sequence{4}}), Sequence{4});
  EXPECT_EQ(whole.resolve_as_of(AsOf{Sequence{99}}), Sequence{6});
  EXPECT_EQ(north.resolve_as_of(AsOf{world.clock().now()}), Sequence{6});
  EXPECT_EQ(north.resolve_as_of(AsOf{examples::at(-1)}), Sequence{0});
}

TEST_F(Positions, OfTheWholeLedgerAreThoseOfTheLog) {
  EXPECT_FALSE(whole.counts_scope());
  EXPECT_EQ(whole.to_scope_sequence(Sequence{5}), Sequence{5});
  EXPECT_EQ(whole.to_log_sequence(Sequence{5}), Sequence{5});
}

TEST_F(Positions, OfAnEventThatIsMissingAreDamage) {
  remove_event(world.ledger().log().store(), Sequence{3});
  EXPECT_EQ(failure_of([&] { return north.to_scope_sequence(Sequence{3}); }).code, "storage.damaged");
}

}  // namespace
}  // namespace runledger
