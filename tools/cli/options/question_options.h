// The options of commands that ask a question (projections/answers/question.h).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/answers/question.h"
#include "tools/cli/options/options.h"

namespace runledger {

// Each option is a parameter of the question: `--reason-code` is "reason_code". The question itself checks the texts.
class TypedQuestion {
 public:
  void value(Options& options, std::string_view parameter, std::string_view value, std::string_view help);
  void number(Options& options, std::string_view parameter, std::string_view value, std::string_view help);
  // Taken as typed_time.h says; the question gets it in RFC 3339.
  void time(Options& options, std::string_view parameter, const std::string& help);
  void values(Options& options, std::string_view parameter, std::string_view value, std::string_view help);

  void declare_scope(Options& options);  // --workspace, --tenant, --type
  // --since and --until; `what` happened to what is asked about.
  void declare_times(Options& options, std::string_view what);
  void declare_limit(Options& options, std::string_view help);  // --limit
  void declare_page(Options& options);                          // --limit, --cursor, --all

  // Whether --all was given.
  [[nodiscard]] bool wants_every_page() const { return every_page_; }

  // Throws Refused for a time of no known form.
  [[nodiscard]] Question require_question(std::string_view about) const;

 private:
  struct Single {
    std::string parameter;
    bool is_time = false;
    Typed typed = {};
  };

  Typed& add(std::string_view parameter, bool is_time = false);

  // Deques, so that the variables that take the options' texts stay where they are.
  std::deque<Single> single_;
  std::deque<std::pair<std::string, std::vector<std::string>>> repeated_;
  bool every_page_ = false;
};

}  // namespace runledger
