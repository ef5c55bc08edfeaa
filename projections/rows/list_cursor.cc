// A cursor is a sealed position (ledger/values/position_seal.h), bound to the filter.
#include "projections/rows/list_cursor.h"

#include <fmt/format.h>

#include <iterator>

#include "ledger/values/position_seal.h"

namespace runledger {
namespace {

// Every field is there, with its length before it, so equal filters give equal texts, and different ones different
// texts.
class FilterText {
 public:
  void add(std::string_view field) { fmt::format_to(std::back_inserter(text_), "{}:{},", field.size(), field); }
  void add(std::uint64_t number) { add(std::to_string(number)); }
  void add(Time time) { add(std::to_string(time.unix_us)); }
  void add(const SanitizedText& text) { add(text.str()); }
  void add(RunId run) { add(run.value.view()); }
  void add(const Identity& identity) { add(bytes_of(identity.digest)); }
  void add(const IdPrefix& prefix) { add(prefix.digits); }
  void add(const TimeRange& range) {
    add(range.from);
    add(range.until);
  }
  void add(const AsOf& as_of) {
    add(std::uint64_t{as_of.index()});
    if (const auto* time = std::get_if<Time>(&as_of)) return add(*time);
    add(std::get<Sequence>(as_of).value);
  }
  template <class Tag>
  void add(const Name<Tag>& name) {
    add(name.str());
  }
  template <WithWords Enum>
  void add(Enum value) {
    add(to_string(value));
  }
  template <class T>
  void add(const std::optional<T>& field) {
    add(std::uint64_t{field.has_value()});
    if (field) add(*field);
  }
  template <class T>
  void add(const AnyOf<T>& field) {
    add(field.values().size());
    for (const T& value : field.values()) add(value);
  }
  void add(const Labels& labels) {
    add(labels.size());
    for (const auto& [key, value] : labels) {
      add(key);
      add(value);
    }
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string filter_text(const RunFilter& filter) {
  FilterText text;
  text.add(filter.workspace);
  text.add(filter.tenant);
  text.add(filter.type);
  text.add(filter.status);
  text.add(filter.outcome);
  text.add(filter.since);
  text.add(filter.until);
  text.add(filter.reason_code);
  text.add(filter.initiator);
  text.add(filter.worker);
  text.add(filter.identity);
  text.add(filter.parent);
  text.add(filter.labels);
  text.add(std::uint64_t{filter.attempts_min});
  text.add(std::uint64_t{filter.deduped});
  text.add(filter.id_prefix);
  text.add(filter.completed_since);
  text.add(filter.active_between);
  if (filter.as_of) text.add(*filter.as_of);
  return text.take();
}

// Cursors of lists and of other questions have keys of their own, so that no text of one can be that of the other.
PositionSeal list_seal(const IdentityKey& key) {
  return {view_of(key.bytes), "runledger list cursor"};
}

PositionSeal question_seal(const IdentityKey& key) {
  return {view_of(key.bytes), "runledger question cursor"};
}

}  // namespace

std::string seal_cursor(const IdentityKey& key, const RunFilter& filter, Sequence position) {
  return list_seal(key).seal(position, filter_text(filter));
}

std::optional<Sequence> open_cursor(const IdentityKey& key, const RunFilter& filter, const std::string& cursor) {
  return list_seal(key).open(cursor, filter_text(filter));
}

std::string seal_question_cursor(const IdentityKey& key, const std::string& what, Sequence position) {
  return question_seal(key).seal(position, what);
}

std::optional<Sequence> open_question_cursor(const IdentityKey& key, const std::string& what,
                                             const std::string& cursor) {
  return question_seal(key).open(cursor, what);
}

}  // namespace runledger
