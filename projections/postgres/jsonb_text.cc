// Reads canonical JSON once, and orders the members of each object.
#include "projections/postgres/jsonb_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  void value(std::string& out) {
    switch (peek()) {
      case '{':
        return object(out);
      case '[':
        return array(out);
      case '"':
        out += string();
        return;
      default:
        out += plain();
    }
  }

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

 private:
  [[nodiscard]] char peek() const {
    RUNLEDGER_ASSERT(at_ < text_.size());
    return text_[at_];
  }

  void object(std::string& out) {
    std::vector<std::pair<std::string_view, std::string>> members;
    for (++at_; peek() != '}';) {
      if (peek() == ',') ++at_;
      members.emplace_back(string(), std::string());
      ++at_;  // The colon.
      value(members.back().second);
    }
    ++at_;
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first.size(), a.first) < std::pair(b.first.size(), b.first);
    });
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i != 0) out += ", ";
      out += members[i].first;
      out += ": ";
      out += members[i].second;
    }
    out += '}';
  }

  void array(std::string& out) {
    out += '[';
    for (++at_; peek() != ']';) {
      if (peek() == ',') {
        ++at_;
        out += ", ";
      }
      value(out);
    }
    ++at_;
    out += ']';
  }

  // A string with its quotation marks.
  std::string_view string() {
    const std::size_t begin = at_;
    for (++at_; peek() != '"'; ++at_)
      if (peek() == '\\') ++at_;
    ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // A number, true, false or null.
  std::string_view plain() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(",]}", at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

void append_jsonb_text(std::string& out, std::string_view canonical) {
  Reader reader(canonical);
  reader.value(out);
  RUNLEDGER_ASSERT(reader.at_end());
}

}  // namespace runledger
