// What a terminal gets of texts that try to control it.
#include "tools/cli/output/terminal_text.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

TEST(TerminalTexts, KeepWhatCanBeSeenAndTheProgramsOwnControls) {
  for (const char* text : {"", "plain", "line\n\ttab", "\x1b[1mbold\x1b[0m", "é 東京 🚀 e\u0301 …█·"})
    EXPECT_EQ(terminal_text(text), text);
}

TEST(TerminalTexts, HaveEscapesForWhatCannot) {
  EXPECT_EQ(terminal_text("{\"n\":\"\u009b31m\x7f\"}"), "{\"n\":\"\\u009b31m\\u007f\"}");
  EXPECT_EQ(terminal_text("a\u202eb\u2066c\u200fd"), "a\\u202eb\\u2066c\\u200fd");
  EXPECT_EQ(terminal_text("one\u2028line\u0085"), "one\\u2028line\\u0085");
  EXPECT_EQ(terminal_text("tag\U000e0041"), "tag\\udb40\\udc41");
}

TEST(TerminalTexts, AreUtf8WhateverTheyAreMadeOf) {
  EXPECT_EQ(terminal_text("a\x9b"
                          "31m"),
            "a\ufffd31m");
}

}  // namespace
}  // namespace runledger
