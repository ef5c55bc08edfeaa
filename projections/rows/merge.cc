// Merges by comparing the newest entry of each source. There are at most as many sources as a filter has values.
//
// An intersection leapfrogs: the union whose newest entry is oldest tells how far the others may go on, until all stand
// at one age.
#include "projections/rows/merge.h"

#include <algorithm>

#include "ledger/base/assert.h"

namespace runledger {

RowMerge::RowMerge(const RowTable& table, const std::vector<std::string>& prefixes, Sequence before,
                   const rocksdb::Snapshot* snapshot) {
  for (const std::string& prefix : prefixes) {
    auto source = std::make_unique<Source>();
    source->prefix = prefix;
    source->end = prefix_end(prefix);
    source->key_bytes = prefix.size() + sizeof(Sequence);
    source->end_slice = slice_of(source->end);
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.total_order_seek = true;
    options.iterate_upper_bound = &source->end_slice;
    source->iterator.reset(table.db.NewIterator(options));
    source->iterator->Seek(slice_of(row_index::seek_key(prefix, before)));
    sources_.push_back(std::move(source));
  }
  choose_newest();
}

void RowMerge::next() {
  newest_->iterator->Next();
  choose_newest();
}

void RowMerge::seek(Sequence age) {
  constexpr int kStepsMax = 4;  // A few steps cost less than a search.
  if (newest_ == nullptr || this->age() <= age) return;
  for (const auto& source : sources_) {
    rocksdb::Iterator& entry = *source->iterator;
    const auto is_newer = [&] { return entry.Valid() && row_index::age_of(entry.key().ToStringView()) > age; };
    for (int steps = 0; steps < kStepsMax && is_newer(); ++steps) entry.Next();
    if (is_newer()) entry.Seek(slice_of(row_index::seek_key(source->prefix, age.next())));
  }
  choose_newest();
}

Sequence RowMerge::age() const {
  return row_index::age_of(newest_->iterator->key().ToStringView());
}

RunId RowMerge::run() const {
  const auto run = row_index::parse_run(newest_->iterator->value().ToStringView());
  if (!run) throw_rows_damaged("the rows' index: expected a run's id in an entry, found something else");
  return *run;
}

void RowMerge::choose_newest() {
  newest_ = nullptr;
  Sequence newest_age;
  for (const auto& source : sources_) {
    // An iterator that is not valid has either reached its end or failed.
    if (!source->iterator->Valid()) {
      check_derived(source->iterator->status(), "reading the rows' index");
      continue;
    }
    const std::string_view key = source->iterator->key().ToStringView();
    if (key.size() != source->key_bytes)
      throw_rows_damaged("the rows' index: an entry is longer or shorter than its kind");
    const Sequence age = row_index::age_of(key);
    if (newest_ != nullptr && age <= newest_age) continue;
    newest_ = source.get();
    newest_age = age;
  }
}

RowIntersection::RowIntersection(const RowTable& table, const std::vector<row_index::RowUnion>& unions, Sequence before,
                                 const rocksdb::Snapshot* snapshot) {
  for (const row_index::RowUnion& prefixes : unions)
    unions_.push_back(std::make_unique<RowMerge>(table, prefixes, before, snapshot));
}

bool RowIntersection::find(Sequence age, std::size_t& steps) {
  age_ = age;
  std::size_t agreeing = 0;
  for (std::size_t i = 0; agreeing < unions_.size(); i = (i + 1) % unions_.size()) {
    RowMerge& each = *unions_[i];
    each.seek(age_);
    if (!each.valid()) {
      age_ = Sequence{};
      return false;
    }
    if (each.age() == age_) {
      ++agreeing;
      continue;
    }
    const bool was_candidate = agreeing > 0;
    age_ = each.age();
    agreeing = 1;
    if (was_candidate && steps == 0) return false;
    if (was_candidate) --steps;
  }
  return true;
}

RunId RowIntersection::run() const {
  const auto found = std::find_if(unions_.begin(), unions_.end(),
                                  [&](const auto& each) { return each->valid() && each->age() == age_; });
  RUNLEDGER_ASSERT(found != unions_.end());
  return (*found)->run();
}

}  // namespace runledger
