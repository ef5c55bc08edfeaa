// The reader answers in JSON, which a text is made of.
#include "tools/cli/ask.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "tools/cli/ledger_connection.h"

namespace runledger {
namespace {

constexpr const char* kPageMax = "1000";

void write_reach(const JsonValue& answer) {
  if (const auto* cursor = answer.find<std::string>("next_cursor"))
    write_stderr(fmt::format("next cursor: {}\n", *cursor));
  const auto* reached = answer.find<std::string>("reached");
  if (reached == nullptr) return;
  const auto* scanned = answer.find<std::int64_t>("scanned");
  write_stderr(scanned != nullptr ? fmt::format("looked at {} entries, back to {}\n", *scanned, *reached)
                                  : fmt::format("looked back to {}\n", *reached));
}

// The question with another value for a parameter.
Question with(const Question& question, std::string_view name, const std::string& value) {
  Question changed{.about = question.about, .parameters = {}};
  for (const auto& [each, text] : question.parameters.pairs()) {
    if (each != name) changed.parameters.add(each, text);
  }
  changed.parameters.add(std::string(name), value);
  return changed;
}

// Prints the pages of one list, one after the other.
class PagePrinter {
 public:
  PagePrinter(const Context& context, const Listing& listing)
      : context_(context), listing_(listing), table_(listing.rows, listing.columns) {
    if (const auto separation = context.separation()) separated_.emplace(*separation, listing.members, context.out);
  }

  void print(const std::string& json, const JsonValue& answer) {
    if (context_.json()) return context_.out.line(json);
    if (separated_) return print_rows(answer);
    table_.print(answer, context_.out);
    if (listing_.after_table) listing_.after_table(answer, context_.out);
  }

 private:
  void print_rows(const JsonValue& answer) {
    if (const auto* rows = answer.find<JsonValue::Array>(listing_.rows)) {
      for (const JsonValue& row : *rows) separated_->row(row);
    }
  }

  const Context& context_;
  const Listing& listing_;
  AnswerTable table_;
  std::optional<SeparatedRows> separated_;
};

}  // namespace

ExitStatus ask(const Context& context, const Question& question, const PrintAnswer& print) {
  ReadingConnection ledger(context);
  return ask(context, ledger.reader(), question, print);
}

ExitStatus ask(const Context& context, LedgerReader& reader, const Question& question, const PrintAnswer& print) {
  const std::string json = require_answer(reader.answer(question));
  if (context.json()) {
    context.out.line(json);
    return ExitStatus::kDone;
  }
  const JsonValue answer = parse_answer(json);
  print(answer, context.out);
  context.out.flush();
  write_reach(answer);
  return ExitStatus::kDone;
}

ExitStatus ask(const Context& context, const Question& question, const Listing& listing) {
  ReadingConnection ledger(context);
  PagePrinter printer(context, listing);
  Question page = listing.every_page ? with(question, "limit", kPageMax) : question;
  for (;;) {
    const std::string json = require_answer(ledger.reader().answer(page));
    const bool is_read = !context.json() || listing.every_page || listing.each_answer;
    const JsonValue answer = is_read ? parse_answer(json) : JsonValue();
    printer.print(json, answer);
    if (listing.each_answer) listing.each_answer(answer);
    const auto* cursor = answer.find<std::string>("next_cursor");
    if (listing.every_page && cursor != nullptr) {
      page = with(page, "cursor", *cursor);
      continue;
    }
    context.out.flush();
    if (!context.json() && !listing.every_page) write_reach(answer);
    return ExitStatus::kDone;
  }
}

}  // namespace runledger
