// Tests which headers are accepted before anything else reads them, and how a target is decoded.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/http_client.h"
#include "tools/daemon/http/framing.h"
#include "tools/daemon/http/reader.h"
#include "tools/daemon/http/target.h"

namespace runledger {
namespace {

using namespace std::string_literals;

// Returns "400 http.malformed", or "" for a good header.
std::string verdict(std::string_view block) {
  const auto refusal = check_framing(block, {});
  return refusal ? fmt::format("{} {}", refusal->status, refusal->rejection.code) : "";
}

// Returns the verdict on a request with additional lines.
std::string verdict_with(std::string_view lines) {
  return verdict(fmt::format("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", lines));
}

TEST(HttpFraming, AnOrdinaryHeaderIsGood) {
  EXPECT_EQ(verdict_with(""), "");
  EXPECT_EQ(verdict_with("Accept: */*\r\nUser-Agent: \xc3\xa4\t x\r\nX-Empty:\r\n"), "");
  EXPECT_EQ(verdict_with("Content-Length: 1048576\r\n"), "");
  EXPECT_EQ(verdict_with("transfer-encoding: Chunked\r\n"), "");
  EXPECT_EQ(verdict_with("Expect: 100-Continue\r\n"), "");
}

TEST(HttpFraming, LengthsThatCouldBeReadTwoWaysAreRefused) {
  for (const std::string_view lines :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\ncontent-length: 6\r\n", "Content-Length: -1\r\n", "Content-Length: +5\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: 0x5\r\n", "Content-Length: 5 5\r\n", "Content-Length:\r\n",
        "Content-Length: 5.0\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"})
    EXPECT_EQ(verdict_with(lines), "400 http.malformed") << lines;
  for (const std::string_view length : {"1048577", "18446744073709551616", "99999999999999999999999999"})
    EXPECT_EQ(verdict_with(fmt::format("Content-Length: {}\r\n", length)), "413 http.body_too_large") << length;
  for (const std::string_view coding : {"gzip", "chunked, chunked", "gzip, chunked", "identity", "\x0b", "xchunked"})
    EXPECT_NE(verdict_with(fmt::format("Transfer-Encoding: {}\r\n", coding)), "") << coding;
}

TEST(HttpFraming, LinesThatAreNoFieldsAreRefused) {
  for (const std::string_view lines :
       {"X: a\r\n b: c\r\n", "X: a\r\n\tb: c\r\n", " X: a\r\n", "X : a\r\n", "X\r\n", ": a\r\n", "X\"y: a\r\n",
        "\xc3\xa4: a\r\n", "X: a\nY: b\r\n", "X: a\rY: b\r\n", "X: a\x01\r\n", "X: a\x7f\r\n", "X: a\n\r\n"})
    EXPECT_EQ(verdict_with(lines), "400 http.malformed") << lines;
  EXPECT_EQ(verdict_with("X: a\0b\r\n"s), "400 http.malformed");
  EXPECT_EQ(verdict("GET / HTTP/1.1\nHost: localhost\n\r\n\r\n"), "400 http.malformed");
}

TEST(HttpFraming, ExactlyOneHostIsExpected) {
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n\r\n"), "400 http.malformed");
  EXPECT_EQ(verdict_with("Host: localhost\r\n"), "400 http.malformed");
  EXPECT_EQ(verdict_with("hOST: other\r\n"), "400 http.malformed");
  for (const std::string_view host : {"", "a b", "a/b", "user@a", "a,b", "a\\b", "a\xc3\xa4"})
    EXPECT_EQ(verdict(fmt::format("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", host)), "400 http.malformed") << host;
}

TEST(HttpFraming, FieldsThatAreLookedAtMayOccurOnce) {
  for (const std::string_view name : {"Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "Origin",
                                      "Expect", "Connection", "Runledger-Starter"})
    EXPECT_EQ(verdict_with(fmt::format("{0}: 100-continue\r\n{0}: 100-continue\r\n", name)), "400 http.malformed")
        << name;
}

TEST(HttpFraming, RequestLinesAreReadStrictly) {
  const auto line = [](std::string_view text) { return verdict(fmt::format("{}\r\nHost: localhost\r\n\r\n", text)); };
  for (const std::string_view text :
       {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET /a b HTTP/1.1", "GET\t/ HTTP/1.1", "",
        "GET http://localhost/ HTTP/1.1", "OPTIONS * HTTP/1.1", "GET localhost:80 HTTP/1.1", "GET / http/1.1",
        "G(T / HTTP/1.1", "GET /\xc3\xa4 HTTP/1.1", "\x16\x03\x01"})
    EXPECT_EQ(line(text), "400 http.malformed") << text;
  EXPECT_EQ(line("GET / HTTP/1.0"), "505 http.version");
  EXPECT_EQ(line("GET / HTTP/2.0"), "505 http.version");
  EXPECT_EQ(line("GET / HTTP/1.10"), "505 http.version");
  for (const std::string_view method : {"CONNECT", "TRACE", "BREW", "get"})
    EXPECT_EQ(line(fmt::format("{} / HTTP/1.1", method)), "501 http.not_implemented") << method;
  EXPECT_EQ(verdict_with("Expect: 200-ok\r\n"), "417 http.expectation");
}

TEST(HttpFraming, AHeaderAtItsLimitIsGoodAndOneAboveIsNot) {
  const auto of_size = [](std::size_t size) {
    const std::string start = "GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
    return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(verdict(of_size(16384)), "");
  EXPECT_EQ(verdict(of_size(16385)), "431 http.header_too_large");
  const auto of_fields = [](int count) {
    std::string text = "GET / HTTP/1.1\r\nHost: localhost\r\n";
    for (int i = 1; i < count; ++i) text += "X: y\r\n";
    return text + "\r\n";
  };
  EXPECT_EQ(verdict(of_fields(100)), "");
  EXPECT_EQ(verdict(of_fields(101)), "431 http.header_too_large");
}

TEST(HttpFraming, AStartThatCannotBecomeAHeaderIsRefusedBeforeItsEnd) {
  EXPECT_FALSE(check_framing_so_far("GET / HTTP/1.1\r\nHost: a\r", {}));
  EXPECT_TRUE(check_framing_so_far("GET / HTTP/1.1\nHost: a\n\n", {}));
  EXPECT_TRUE(check_framing_so_far("\x16\x03\x01\x02", {}));
  EXPECT_TRUE(check_framing_so_far(std::string(16384, 'a'), {}));
}

// Returns "a|b ?c=d&e=f", or "!" when the target is refused.
std::string decoded(std::string_view target) {
  const Result<HttpTarget> parsed = parse_target(target);
  if (!parsed) return parsed.rejection().code == "http.malformed" ? "!" : parsed.rejection().code;
  std::string text;
  for (const std::string& segment : parsed->path) text += (text.empty() ? "" : "|") + segment;
  for (const auto& [name, value] : parsed->queries) text += fmt::format(" {}={}", name, value);
  return text;
}

TEST(HttpTargets, AreSplitAndThenDecodedOnce) {
  EXPECT_EQ(decoded("/v1/runs"), "v1|runs");
  EXPECT_EQ(decoded("/v1/%72uns?tenant=a%2Fb&since=2026-01-01T00:00:00+01:00"),
            "v1|runs tenant=a/b since=2026-01-01T00:00:00+01:00");
  EXPECT_EQ(decoded("/a?x=%2525"), "a x=%25");
  EXPECT_EQ(decoded("/a?x=%C3%A4=&y="), "a x=ä= y=");
  EXPECT_EQ(decoded("/a?"), "a");
  EXPECT_EQ(decoded("/a?x=1&%78=2"), "a x=1 x=2");
}

TEST(HttpTargets, ThatCouldMeanAnotherPlaceAreRefused) {
  for (const std::string_view target : {"/..",
                                        "/v1/../x",
                                        "/v1/%2e%2E/x",
                                        "/.",
                                        "/%2e",
                                        "/a%2fb",
                                        "/a%2Fb",
                                        "/a%5cb",
                                        "/a\\b",
                                        "/a%00",
                                        "/a%0a",
                                        "/a%7f",
                                        "/a%",
                                        "/a%4",
                                        "/a%zz",
                                        "/a%c0%af",
                                        "/a%c0%ae%c0%ae",
                                        "/a%e0%80%af",
                                        "/a%ed%a0%80",
                                        "/a%ff",
                                        "/a#b",
                                        "/a\"b",
                                        "/a<b",
                                        "/a{b}",
                                        "/a?x=%00",
                                        "/a?x=%c0%80",
                                        "/a?x",
                                        "/a?=x",
                                        "/a?x=1&",
                                        "/a?x=[1]",
                                        "a",
                                        "*",
                                        "http://localhost/"})
    EXPECT_EQ(decoded(target), "!") << target;
}

// Parses a request whose bytes arrive `step` at a time, and returns the result as text.
std::string read_in_steps(std::string_view bytes, std::size_t step) {
  HttpReader reader({});
  for (;;) {
    switch (reader.advance()) {
      case HttpReader::Progress::kNeedsBytes:
        if (bytes.empty()) return "more";
        reader.add(bytes.substr(0, step));
        bytes.remove_prefix(std::min(step, bytes.size()));
        break;
      case HttpReader::Progress::kHead:
        break;
      case HttpReader::Progress::kComplete:
        return reader.request().body;
      case HttpReader::Progress::kRefused:
        return std::to_string(reader.refusal().status);
    }
  }
}

std::string read_chunks(std::string_view chunks) {
  const std::string bytes =
      fmt::format("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunks);
  const std::string at_once = read_in_steps(bytes, bytes.size());
  EXPECT_EQ(read_in_steps(bytes, 1), at_once) << chunks;
  return at_once;
}

TEST(HttpReader, PutsBodiesTogetherHoweverTheyArrive) {
  const std::string plain = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";
  EXPECT_EQ(read_in_steps(plain, plain.size()), "hello");
  EXPECT_EQ(read_in_steps(plain, 1), "hello");
  EXPECT_EQ(read_in_steps(plain.substr(0, plain.size() - 1), 7), "more");
  EXPECT_EQ(read_chunks("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), "hello");
  EXPECT_EQ(read_chunks("00005\r\nhello\r\n0\r\n\r\n"), "hello");
}

TEST(HttpReader, RefusesChunksThatAreNotPlain) {
  for (const std::string_view chunks : {"3;a=b\r\nhel\r\n0\r\n\r\n", "3 \r\nhel\r\n0\r\n\r\n", "x\r\nhel\r\n",
                                        "-1\r\nhel\r\n", "+3\r\nhel\r\n", "0x3\r\nhel\r\n\r\n", "3\nhel\r\n0\r\n\r\n",
                                        "3\r\nhello\r\n0\r\n\r\n", "\r\n3\r\nhel\r\n", "3\r\nhel3\r\nabc\r\n0\r\n\r\n"})
    EXPECT_EQ(read_chunks(chunks), "400") << chunks;
  for (const std::string_view size : {"fffffffffffffffff", "10000000000000003", "ffffffffffffffff", "100001"})
    EXPECT_NE(read_chunks(fmt::format("{}\r\nhel\r\n", size)), "more") << size;
}

TEST(HttpReader, KeepsWhatCameWithARequestForTheNext) {
  const std::string one = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";
  HttpReader reader({});
  reader.add(one + one + "GET");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(reader.advance(), HttpReader::Progress::kHead);
    EXPECT_EQ(reader.request().target, "/a");
    EXPECT_EQ(reader.advance(), HttpReader::Progress::kComplete);
    reader.next();
  }
  EXPECT_TRUE(reader.begun());
  EXPECT_EQ(reader.advance(), HttpReader::Progress::kNeedsBytes);
}

}  // namespace
}  // namespace runledger
