// Tests which followers are woken by new events.
#include <gtest/gtest.h>

#include <future>

#include "jobs/builtin_catalog.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"
#include "tools/daemon/http/stream.h"

namespace runledger {
namespace {

class News : public testing::Test {
 protected:
  TemporaryLedger world{builtin_catalog()};
  Grant everywhere{.workspace = {}, .tenant = {}, .rights = {Right::kAudit}};
  Grant acme{.workspace = examples::workspace("acme"), .tenant = {}, .rights = {Right::kAudit}};
  Grant north = of("north");
  Grant south = of("south");

  static Grant of(std::string_view tenant) {
    return {.workspace = examples::workspace("acme"), .tenant = examples::tenant(tenant), .rights = {Right::kAudit}};
  }
  // Returns the news of a request by this tenant.
  HttpNews request(std::string_view tenant) {
    const EventLog& log = world.ledger().log();
    const Sequence before = log.last();
    RunRequest request;
    request.workspace = examples::workspace("acme");
    request.tenant = examples::tenant(tenant);
    request.type = examples::type();
    std::promise<Answer> answered;
    world.ledger().submit(request, {}, {}, [&](Answer answer) { answered.set_value(std::move(answer)); });
    EXPECT_TRUE(std::holds_alternative<Reply>(answered.get_future().get()));
    return HttpNews::of(log, before, log.last());
  }
};

TEST_F(News, ConcernThoseInWhoseScopeSomethingHappened) {
  HttpNews news = request("north");
  EXPECT_TRUE(news.concern(north));
  EXPECT_TRUE(news.concern(acme));
  EXPECT_TRUE(news.concern(everywhere));
  EXPECT_FALSE(news.concern(south));
  news.add(request("south"));
  EXPECT_TRUE(news.concern(south));
  EXPECT_TRUE(news.concern(north));
}

TEST_F(News, OfNothingConcernNobody) {
  EXPECT_FALSE(HttpNews().concern(everywhere));
}

TEST_F(News, ConcernEverybodyWhereThereAreTooManyToLookAt) {
  const HttpNews news = HttpNews::of(world.ledger().log(), Sequence{0}, Sequence{1'000'000});
  EXPECT_TRUE(news.concern(south));
}

}  // namespace
}  // namespace runledger
