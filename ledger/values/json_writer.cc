// Writes a comma before everything that follows a finished value, so no state is needed to tell the first value of a
// container from the others: the last byte written tells.
#include "ledger/values/json_writer.h"

#include "ledger/values/json_text.h"

namespace runledger {

void JsonWriter::separate() {
  if (std::exchange(after_key_, false) || out_.empty()) return;
  if (!is_empty_container()) out_ += ',';
  break_line();
}

void JsonWriter::break_line() {
  if (layout_ == Layout::kOneLine) return;
  out_ += '\n';
  out_.append(depth_, ' ');
}

JsonWriter& JsonWriter::begin(char bracket) {
  separate();
  out_ += bracket;
  ++depth_;
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  --depth_;
  if (!is_empty_container()) break_line();
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  text(name);
  out_ += layout_ == Layout::kOneLine ? ":" : ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  append_json_string(out_, value);
  return *this;
}

JsonWriter& JsonWriter::real(double value) {
  return json(real_number(value));
}

JsonWriter& JsonWriter::json(std::string_view value) {
  separate();
  out_ += value;
  return *this;
}

}  // namespace runledger
