-- Starts that were skipped are counted by themselves; deduped_count counts requests only. The rows that are there
-- already have both in deduped_count, until the rebuild that their older revision calls for.
alter table operation_runs add column skipped_count int not null default 0;
alter table operation_runs alter column skipped_count drop default;
