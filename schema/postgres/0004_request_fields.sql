-- What a request says of its run besides its input, and who requested it. The events of the rows that are there already
-- have nothing of this, which is what the defaults say; new rows always give all five.
alter table operation_runs
  add column labels jsonb not null default '{}',
  add column parent_run_id uuid,
  add column root_run_id uuid,
  add column rerun_of uuid,
  add column caller text collate "C" not null default 'system';
alter table operation_runs
  alter column labels drop default,
  alter column caller drop default;

-- The children of a run, and the whole tree below a root.
create index operation_runs_by_parent on operation_runs (parent_run_id) where parent_run_id is not null;
create index operation_runs_by_root on operation_runs (root_run_id) where root_run_id is not null;
