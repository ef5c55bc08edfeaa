// Tests that a workspace numbers its own events 1, 2, 3…, whatever other workspaces do, and finds them by number.
#include "ledger/log/workspace_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <limits>
#include <random>

#include "ledger/base/failure.h"
#include "ledger/log/entries.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

constexpr Sequence kLastPosition{std::numeric_limits<std::uint64_t>::max()};
const std::vector<std::string> kNumberedNames = {"north", "south", "west"};

class NumberedWorkspaces : public testing::Test {
 protected:
  // Appends an event for each of `workspaces`, all in one batch, with and without a tenant by turns.
  void append(const std::vector<std::string>& workspaces) {
    AppendBatch batch = maker_.next(workspaces.size());
    for (std::size_t i = 0; i < workspaces.size(); ++i) {
      Envelope& event = batch.events[i];
      event.scope.workspace = examples::workspace(workspaces[i]);
      if (i % 3 == 2) event.scope.tenant.reset();
      ScopeSequence& last = scopes_[event.scope];
      event.scope_sequence = last = last.next();
      of_[workspaces[i]].push_back(event);
    }
    last_ = batch.events.back().sequence;
    here_.append(batch);
  }
  // Appends 600 events in batches of many sizes. North has most of them, and west only a few.
  void append_many() {
    std::mt19937 random(7);
    for (int left = 600; left > 0;) {
      const int count = std::min(left, static_cast<int>(1 + random() % 20));
      std::vector<std::string> workspaces;
      for (int i = 0; i < count; ++i) {
        const auto drawn = random() % 20;
        workspaces.push_back(drawn < 15 ? "north" : drawn < 19 ? "south" : "west");
      }
      append(workspaces);
      left -= count;
    }
  }
  [[nodiscard]] WorkspaceIndex index() const { return WorkspaceIndex(*here_.store); }
  [[nodiscard]] std::vector<Envelope> scanned(const std::string& workspace, std::uint64_t after, Sequence to) const {
    std::vector<Envelope> events;
    index().scan(examples::workspace(workspace), WorkspaceSequence{after}, to,
                 [&](WorkspaceSequence number, const Envelope& envelope, std::string_view) {
                   events.push_back(envelope);
                   EXPECT_EQ(number.value, after + events.size());
                   return true;
                 });
    return events;
  }
  void expect_numbered() const {
    for (const std::string& name : kNumberedNames) {
      const Workspace workspace = examples::workspace(name);
      const std::vector<Envelope>& events = of_.at(name);
      for (std::size_t i = 0; i < events.size(); ++i) {
        const WorkspaceSequence number{i + 1};
        const Sequence position = events[i].sequence;
        EXPECT_EQ(index().number_of(workspace, position), number);
        EXPECT_EQ(index().count_at(workspace, position), number);
        EXPECT_EQ(index().count_at(workspace, Sequence{position.value - 1}).value, i);
        EXPECT_EQ(index().find(workspace, number, kLastPosition), position);
        EXPECT_EQ(index().find(workspace, number, position), position);
        EXPECT_EQ(index().find(workspace, number, Sequence{position.value - 1}), Sequence{});
      }
      EXPECT_EQ(index().count_at(workspace, kLastPosition).value, events.size());
      EXPECT_EQ(scanned(name, 0, kLastPosition), events);
    }
  }
  void put(const std::string& key, const std::string& value) {
    check(here_.store->db().Put({}, here_.store->family(Family::kWorkspaceEvents), key, value), "a test's write");
  }
  [[nodiscard]] std::string key(const std::string& workspace, std::uint64_t position) const {
    return workspace_event_key(workspace_digest(examples::workspace(workspace)), Sequence{position});
  }

  LogDirectory here_{LogDirectory::Disk::kMemory};
  EventMaker maker_;
  std::map<Scope, ScopeSequence> scopes_;
  std::map<std::string, std::vector<Envelope>> of_;
  Sequence last_;
};

TEST_F(NumberedWorkspaces, CountTheirOwnEventsInTheOrderOfTheLog) {
  append_many();
  expect_numbered();
  here_.open();
  append({"west", "north", "west", "south"});  // Continues with the numbers that are stored.
  expect_numbered();
}

TEST_F(NumberedWorkspaces, AreScannedFromAnyNumberToAnyPosition) {
  append_many();
  for (const std::string& name : kNumberedNames) {
    const std::vector<Envelope>& events = of_.at(name);
    for (std::size_t after = 0; after <= events.size(); ++after) {
      const auto rest = std::vector(events.begin() + static_cast<std::ptrdiff_t>(after), events.end());
      EXPECT_EQ(scanned(name, after, last_), rest);
    }
    EXPECT_EQ(scanned(name, 0, events[1].sequence).size(), 2U);
  }
  std::size_t visited = 0;
  index().scan(examples::workspace("north"), {}, kLastPosition,
               [&](WorkspaceSequence, const Envelope&, std::string_view) { return ++visited < 3; });
  EXPECT_EQ(visited, 3U);
}

TEST_F(NumberedWorkspaces, HaveNothingBeforeTheFirstAndAfterTheLastEvent) {
  append({"north", "south"});
  const Workspace north = examples::workspace("north");
  EXPECT_EQ(index().find(north, WorkspaceSequence{0}, kLastPosition), Sequence{});
  EXPECT_EQ(index().find(north, WorkspaceSequence{2}, kLastPosition), Sequence{});
  EXPECT_EQ(index().find(north, WorkspaceSequence{~std::uint64_t{0}}, kLastPosition), Sequence{});
  EXPECT_TRUE(scanned("north", 1, kLastPosition).empty());
  EXPECT_TRUE(scanned("north", 2, kLastPosition).empty());
  EXPECT_TRUE(scanned("nobody", 0, kLastPosition).empty());
  EXPECT_EQ(index().count_at(examples::workspace("nobody"), kLastPosition), WorkspaceSequence{});
  EXPECT_EQ(index().count_at(north, Sequence{0}), WorkspaceSequence{});
  EXPECT_EQ(failure_of([&] { (void)index().number_of(north, Sequence{2}); }).code, "storage.damaged");
}

TEST_F(NumberedWorkspaces, WithAMissingOrWrongEntryAreFoundWhenTheLogIsOpened) {
  append({"north", "south", "north", "south"});
  const auto expect_refused = [&](std::uint64_t position) {
    EXPECT_EQ(here_.code_of_opening(), "storage.damaged");
    EXPECT_THAT(here_.what, testing::HasSubstr("event " + std::to_string(position)));
  };
  const auto overwrite = [&](const std::string& workspace, std::uint64_t position, std::uint64_t number) {
    here_.store.emplace(Store::Options{.directory = here_.path, .env = here_.memory.get()});
    here_.store->begin_writing();
    put(key(workspace, position), workspace_number(WorkspaceSequence{number}));
    here_.close();
  };
  here_.close();
  overwrite("south", 2, 0);
  expect_refused(2);
  overwrite("south", 2, 3);  // Above its position.
  expect_refused(2);
  overwrite("south", 2, 1);
  overwrite("north", 3, 3);  // The first event of north is number 1.
  expect_refused(3);
  overwrite("north", 3, 1);
  expect_refused(3);
  overwrite("north", 3, 2);
  here_.open();
  check(here_.store->db().Delete({}, here_.store->family(Family::kWorkspaceEvents), key("south", 4)), "a test's write");
  expect_refused(4);
}

TEST_F(NumberedWorkspaces, WithWrongNumbersAreDamage) {
  append({"north", "south", "north", "north", "north"});
  const auto code_of_scan = [&] { return failure_of([&] { (void)scanned("north", 0, kLastPosition); }).code; };
  put(key("north", 3), workspace_number(WorkspaceSequence{3}));
  EXPECT_EQ(code_of_scan(), "storage.damaged");
  EXPECT_EQ(
      failure_of([&] { (void)index().find(examples::workspace("north"), WorkspaceSequence{2}, kLastPosition); }).code,
      "storage.damaged");
  put(key("north", 3), workspace_number(WorkspaceSequence{4}));
  EXPECT_EQ(code_of_scan(), "storage.damaged") << "an event cannot have a number above its position";
  put(key("north", 3), "short");
  EXPECT_EQ(code_of_scan(), "storage.damaged");
  put(key("north", 3), workspace_number(WorkspaceSequence{2}));
  EXPECT_EQ(scanned("north", 0, kLastPosition).size(), 4U);
  put(key("north", 2), workspace_number(WorkspaceSequence{2}));
  EXPECT_EQ(code_of_scan(), "storage.damaged") << "the event at 2 belongs to south";
}

}  // namespace
}  // namespace runledger
