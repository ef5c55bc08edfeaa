// Whatever bytes a configuration file has, it is read or refused with its code.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/values/rejection.h"
#include "tools/cli/options/config_file.h"

namespace runledger {
namespace {

const ConfigTables& some_tables() {
  static const ConfigTables all = {
      {"", {{"data", ConfigType::kString}}},
      {"list", {{"limit", ConfigType::kInteger}, {"since", ConfigType::kTime}, {"all", ConfigType::kBoolean}}},
      {"serve", {{"listen", ConfigType::kStrings}}}};
  return all;
}

// Returns whether the text was accepted. Any exception other than the refusal ends the test.
bool is_read(const std::string& text) {
  try {
    for (const ConfigEntry& entry : parse_config(text, "f.toml", some_tables()))
      RC_ASSERT(some_tables().at(entry.table).contains(entry.key));
    return true;
  } catch (const Refused& refused) {
    RC_ASSERT(refused.rejection().code == "config.invalid");
    return false;
  }
}

RC_GTEST_PROP(ConfigFileProperty, EveryBytesAreReadOrRefused, (const std::string& bytes)) {
  (void)is_read(bytes);
}

// Words of the language reach deeper into the grammar than random bytes do.
RC_GTEST_PROP(ConfigFileProperty, EverySequenceOfWordsIsReadOrRefused, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "data", "list", "limit", "since", "all", "serve", "listen", " = ", "\n", "[", "]", "[[", "]]", "{", "}", ".", ",",
      "\"", "\"\"\"", "'", "'''", "\"text\"", "\\", "\\u00e9", "12", "0x", "1e9", "-", "_", "true", "inf", "nan",
      "2026-01-31", "T12:00:00", "Z", "+01:00", "#", " ", "\t", "\r\n", "\xc3\xa9", "\xff", std::string(1, '\0')));
  std::string text;
  for (const std::string& word : words) text += word;
  (void)is_read(text);
}

RC_GTEST_PROP(ConfigFileProperty, EveryDamagedFileIsReadOrRefused, ()) {
  std::string text =
      "data = \"/var\"\n[list]\nlimit = 10\nsince = 2026-01-31T12:00:00Z\nall = true\n[serve]\nlisten = [\"a\", 'b']\n";
  RC_ASSERT(is_read(text));
  for (int changes = *rc::gen::inRange(1, 4); changes > 0; --changes) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    if (*rc::gen::arbitrary<bool>()) {
      text[at] = *rc::gen::arbitrary<char>();
    } else {
      text.erase(at, *rc::gen::inRange<std::size_t>(1, 8));
    }
    if (text.empty()) break;
  }
  (void)is_read(text);
}

}  // namespace
}  // namespace runledger
