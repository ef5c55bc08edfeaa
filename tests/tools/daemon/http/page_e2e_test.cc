// The page's files and the session that it asks for, over real connections; tests/page/ tests the page itself.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <regex>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/tools/daemon/http/http_world.h"
#include "web/page_files.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::string unpacked(std::string_view gzip) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string bytes(4 * 1024 * 1024, '\0');
  std::string input(gzip);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  inflateEnd(&stream);
  return bytes;
}

HttpReply page(const HttpTestWorld& world, const std::string& file, std::map<std::string, std::string> headers = {}) {
  return world.ask({.target = "/ui/" + file, .token = "", .headers = std::move(headers)});
}

std::string script_of(const HttpTestWorld& world) {
  const std::string document = page(world, "").body;
  std::smatch found;
  EXPECT_TRUE(std::regex_search(document, found, std::regex("app\\.[0-9a-f]{12}\\.js")));
  return found.str();
}

TEST(Page, IsServedWithoutATokenAndNamesItsFilesByTheirContent) {
  const HttpTestWorld world;
  const HttpReply document = page(world, "");
  ASSERT_EQ(document.status, 200);
  EXPECT_EQ(document.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(document.headers.at("cache-control"), "no-cache");
  const std::regex named("(href|src)=\"([^\"]+)\"");
  int files = 0;
  for (std::sregex_iterator at(document.body.begin(), document.body.end(), named), end; at != end; ++at, ++files) {
    const HttpReply file = page(world, (*at)[2]);
    EXPECT_EQ(file.status, 200) << (*at)[2];
    EXPECT_EQ(file.headers.at("cache-control"), "public, max-age=31536000, immutable") << (*at)[2];
    EXPECT_FALSE(file.body.empty());
  }
  EXPECT_EQ(files, 3);
  EXPECT_EQ(page(world, "app.js").problem(), "404 route.not_found");
  const HttpReply without_slash = world.ask({.target = "/ui", .token = ""});
  EXPECT_EQ(without_slash.status, 308);
  EXPECT_EQ(without_slash.headers.at("location"), "ui/");
}

TEST(Page, ForbidsTheBrowserEverythingThatItDoesNotNeed) {
  const HttpTestWorld world;
  for (const std::string& file : {std::string(), script_of(world)}) {
    const HttpReply reply = page(world, file);
    EXPECT_EQ(reply.headers.at("content-security-policy"),
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
              "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'");
    EXPECT_EQ(reply.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(reply.headers.at("referrer-policy"), "no-referrer");
    EXPECT_EQ(reply.headers.at("cross-origin-opener-policy"), "same-origin");
    EXPECT_EQ(reply.headers.at("cross-origin-resource-policy"), "same-origin");
  }
  // Code and style within the document would not run, and neither would those of another origin.
  const std::string document = page(world, "").body;
  EXPECT_FALSE(std::regex_search(document, std::regex("<script>|<style|style=|\\bon[a-z]+=|https?:")));
}

TEST(Page, IsCompressedForThoseWhoTakeIt) {
  const HttpTestWorld world;
  const std::string script = script_of(world);
  const std::string plain = page(world, script).body;
  for (const char* accepted : {"gzip", "br, GZIP;q=0.5", "deflate,gzip"}) {
    const HttpReply reply = page(world, script, {{"Accept-Encoding", accepted}});
    EXPECT_EQ(reply.headers.at("content-encoding"), "gzip") << accepted;
    EXPECT_EQ(reply.headers.at("vary"), "Accept-Encoding");
    EXPECT_EQ(unpacked(reply.body), plain);
  }
  for (const char* accepted : {"br", "gzip;q=0", "gzip; q=0.0", "gzipped", ""}) {
    const HttpReply reply = page(world, script, {{"Accept-Encoding", accepted}});
    EXPECT_FALSE(reply.headers.contains("content-encoding")) << accepted;
    EXPECT_EQ(reply.body, plain);
  }
}

TEST(Page, IsNotSentAgainToThoseWhoHaveIt) {
  const HttpTestWorld world;
  const HttpReply first = page(world, "");
  const std::string tag = first.headers.at("etag");
  for (const std::string& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const HttpReply again = page(world, "", {{"If-None-Match", known}});
    EXPECT_EQ(again.status, 304) << known;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.headers.at("etag"), tag);
  }
  EXPECT_EQ(page(world, "", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST(Page, StaysWithinItsBudgetOfBytes) {
  std::map<std::string, std::size_t> sizes;
  for (const embedded::PageFile& file : embedded::page_files()) {
    sizes[std::string(file.content_type.substr(0, file.content_type.find(';')))] = file.gzip.size();
    EXPECT_EQ(unpacked(file.gzip), file.plain) << file.name;
  }
  EXPECT_LE(sizes.at("text/javascript"), 60U * 1000);
  EXPECT_LE(sizes.at("text/css"), 8U * 1000);
}

TEST(Page, CarriesTheLicenseOfWhatItBundles) {
  const HttpTestWorld world;
  const std::string script = page(world, script_of(world)).body;
  EXPECT_THAT(script, HasSubstr("The MIT License (MIT)"));
  EXPECT_THAT(script, HasSubstr("Copyright (c) 2015-present Jason Miller"));
  EXPECT_THAT(script, HasSubstr("The above copyright notice and this permission notice shall be included in all"));
}

TEST(Page, MayPostAsItsOwnOriginAndNoOther) {
  const HttpTestWorld world;
  const auto post = [&world](const std::string& host, const std::string& origin) {
    return world.ask_text(
        fmt::format("POST /v1/runs HTTP/1.1\r\nHost: {}\r\nOrigin: {}\r\nAuthorization: Bearer {}\r\n"
                    "Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{{\"type\":\"demo.sync\"}}",
                    host, origin, HttpTestWorld::kNorth));
  };
  const std::string host = fmt::format("127.0.0.1:{}", world.port());
  EXPECT_EQ(post(host, "http://" + host).status, 201);
  EXPECT_EQ(post(host, "https://" + host).problem(), "403 origin.denied");
  EXPECT_EQ(post(host, "http://127.0.0.1:1").problem(), "403 origin.denied");
  EXPECT_EQ(post(host, "http://localhost").problem(), "403 origin.denied");
  EXPECT_EQ(post("evil.example", "http://evil.example").problem(), "421 host.denied");
}

TEST(Page, IsAbsentWhereItIsNotWanted) {
  HttpOptions options;
  options.access.page = false;
  const HttpTestWorld world(options);
  for (const char* target : {"/ui", "/ui/", "/ui/app.js"})
    EXPECT_EQ(world.ask({.target = target, .token = ""}).problem(), "404 route.not_found") << target;
}

TEST(SessionRoute, SaysWhatTheTokenIsBoundToAndAllows) {
  const HttpTestWorld world;
  (void)world.request({{"n", 1}});
  const json all = world.get("/v1/session", HttpTestWorld::kAll).json();
  EXPECT_EQ(all["workspace_id"], nullptr);
  EXPECT_EQ(all["rights"], json::array({"request", "work", "audit", "operate"}));
  EXPECT_EQ(all["head"], 1);
  EXPECT_EQ(all["features"], json::array({"mirror"}));
  EXPECT_TRUE(all["ledger_id"].is_string());
  const json looker = world.get("/v1/session", HttpTestWorld::kLooker).json();
  EXPECT_EQ(looker["workspace_id"], "acme");
  EXPECT_EQ(looker["tenant_id"], "north");
  EXPECT_EQ(looker["rights"], json::array());
  EXPECT_EQ(looker["ledger_id"], nullptr);
  // The numbers of others are none of its business.
  EXPECT_EQ(world.get("/v1/session", HttpTestWorld::kSouth).json()["head"], 0);
}

TEST(UiCommand, PrintsAnAddressWithATokenThatOnlyReads) {
  const CliLedger ledger;
  Program daemon(ledger.command({"serve", "--http", "127.0.0.1:0", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"http\""));
  const ProgramResult result = run_program(ledger.command({"ui", "--format", "json"}));
  ASSERT_EQ(result.status, 0) << result.err;
  const json printed = json::parse(result.out);
  const std::string address = printed["address"];
  std::smatch parts;
  ASSERT_TRUE(std::regex_match(address, parts, std::regex("http://127\\.0\\.0\\.1:([0-9]+)/ui/#t=(rlt_[0-9a-f]{64})")));
  HttpClient client(static_cast<std::uint16_t>(std::stoi(parts[1])));
  client.send(http_text({.target = "/v1/session", .token = parts[2], .body = ""}));
  const json session = client.read().json();
  EXPECT_EQ(session["rights"], json::array());
  EXPECT_EQ(session["expires_at"], printed["expires_at"]);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  EXPECT_THAT(run_program(ledger.command({"ui"})).err, HasSubstr("page.absent"));
  EXPECT_THAT(run_program(ledger.command({"token", "list"})).out, HasSubstr(" ui "));
}

TEST(UiCommand, LeavesNoTokenWhereThereIsNoPage) {
  const CliLedger ledger;
  Program daemon(ledger.command({"serve", "--http", "127.0.0.1:0", "--no-ui", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"http\""));
  EXPECT_THAT(run_program(ledger.command({"ui"})).err, HasSubstr("page.absent"));
  EXPECT_THAT(run_program(ledger.command({"token", "list"})).out, Not(HasSubstr(" ui ")));
}

}  // namespace
}  // namespace runledger
