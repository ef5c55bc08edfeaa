// Merges by comparing the newest entry of each source. There are at most as many sources as states.
#include "projections/rows/merge.h"

namespace runledger {

RowMerge::RowMerge(const RowTable& table, const std::vector<std::string>& prefixes, Sequence before,
                   const rocksdb::Snapshot* snapshot) {
  for (const std::string& prefix : prefixes) {
    auto source = std::make_unique<Source>();
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

}  // namespace runledger
