// Tests which base URLs are accepted, and which links the client follows.
#include "jobs/graph/address.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

GraphAddress address(std::string_view base = "https://graph.microsoft.com/beta") {
  return *GraphAddress::parse(base);
}

std::string followed(std::string_view link, std::string_view base = "https://graph.microsoft.com/beta") {
  return address(base).followed(link).value_or("foreign");
}

TEST(GraphAddress, AppendsPathsToTheBase) {
  EXPECT_EQ(address().url("/a?b"), "https://graph.microsoft.com:443/beta/a?b");
  EXPECT_EQ(address("https://graph.example/").url("/a"), "https://graph.example:443/a");
  EXPECT_EQ(address("HTTPS://Graph.Example:8443/v1//").url("/a"), "https://graph.example:8443/v1/a");
}

TEST(GraphAddress, IsWithoutEncryptionOnTheLoopbackOnly) {
  for (const auto* base : {"http://127.0.0.1:80/beta", "http://localhost:9", "http://[::1]:80/", "http://127.1.2.3"})
    EXPECT_TRUE(GraphAddress::parse(base)) << base;
  for (const auto* base : {"http://graph.microsoft.com", "http://127.0.0.1.example.org", "http://127.a.b.c",
                           "http://localhost.example.org", "http://[::2]", "http://0.0.0.0", "http://127.0.0.1."}) {
    const auto parsed = GraphAddress::parse(base);
    ASSERT_FALSE(parsed) << base;
    EXPECT_EQ(parsed.rejection().code, "graph.base_url_invalid");
  }
}

TEST(GraphAddress, RefusesWhatIsNoPlainUrl) {
  for (const auto* base : {"",
                           "graph.microsoft.com",
                           "ftp://a",
                           "file:///etc/passwd",
                           "https://",
                           "https:///a",
                           "https://user@host",
                           "https://user:secret@host/",
                           "https://host?x=1",
                           "https://host/#f",
                           "https://host:0",
                           "https://host:65536",
                           "https://host:",
                           "https://host:08",
                           "https://host:8a",
                           "https://ho st",
                           "https://host/a b",
                           "https://h\\a",
                           "https://host\r\nX: y",
                           "https://host/\x7F",
                           "https://h\xC3\xB6st",
                           "https://[::1",
                           "https://[]",
                           "https://[::1]x"})
    EXPECT_FALSE(GraphAddress::parse(base)) << base;
}

TEST(GraphAddress, FollowsLinksOfItsOwnOrigin) {
  EXPECT_EQ(followed("https://graph.microsoft.com/beta/x?$skiptoken=a%20b&y=(1)"),
            "https://graph.microsoft.com:443/beta/x?$skiptoken=a%20b&y=(1)");
  EXPECT_EQ(followed("https://graph.microsoft.com:443/v1.0/x"), "https://graph.microsoft.com:443/v1.0/x");
  EXPECT_EQ(followed("HTTPS://GRAPH.Microsoft.com/beta/x"), "https://graph.microsoft.com:443/beta/x");
  EXPECT_EQ(followed("http://127.0.0.1:81/x", "http://127.0.0.1:81"), "http://127.0.0.1:81/x");
}

TEST(GraphAddress, FollowsNoLinkElsewhere) {
  for (const auto* link :
       {"https://graph.microsoft.com.example.org/x", "https://example.org/x", "http://graph.microsoft.com/x",
        "https://graph.microsoft.com:444/x", "https://graph.microsoft.com@example.org/x",
        "https://graph.microsoft.com:443@example.org/x", "https://example.org/https://graph.microsoft.com/x",
        "https://graph.microsoft.com\\@example.org/x", "//graph.microsoft.com/x", "/beta/x", "", "x",
        "https://graph.microsoft.com", "https://graph.microsoft.com?x", "https://graph.microsoft.com./x",
        "https://graph.microsoft.com/x y", "https://graph.microsoft.com/x#y", "https:graph.microsoft.com/x"})
    EXPECT_EQ(followed(link), "foreign") << link;
  EXPECT_EQ(followed("https://graph.microsoft.com/" + std::string(9'000, 'x')), "foreign");
  EXPECT_EQ(followed("http://127.0.0.2:81/x", "http://127.0.0.1:81"), "foreign");
  EXPECT_EQ(followed("http://localhost:81/x", "http://127.0.0.1:81"), "foreign");
}

}  // namespace
}  // namespace runledger
