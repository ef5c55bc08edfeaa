// Rows of fields for spreadsheets and scripts: CSV and TSV.
#pragma once

#include <string_view>
#include <vector>

#include "ledger/values/json_value.h"
#include "tools/cli/output/output.h"

namespace runledger {

// How the fields of a line are told apart.
enum class Separation {
  kCommas,  // CSV (RFC 4180) with a line feed at the end of a line: a field is quoted where it must be.
  kTabs,    // TSV: a tab, line feed, carriage return and backslash in a field are \t, \n, \r and \\.
};

// Each row is an object, and each field a member of it: a text as it is, nothing for null or an absent member, and
// everything else as JSON. The first line has the names of the members. Nothing is shortened and nothing coloured.
class SeparatedRows {
 public:
  // Prints the first line. `out` is not owned.
  SeparatedRows(Separation separation, std::vector<std::string_view> members, Output& out);

  void row(const JsonValue& object);

 private:
  void print(const std::vector<std::string>& fields);

  Separation separation_;
  std::vector<std::string_view> members_;
  Output& out_;
};

}  // namespace runledger
