-- The attempts of runs, one row each, equal to the fold of the events up to the checkpoint as operation_runs is. There
-- is no foreign key between the two: it would be checked for every row that a projector has already folded from one
-- log, and it would keep a first follow from dropping the primary key of operation_runs while it fills the table.
create table operation_run_attempts (
  run_id uuid not null,
  attempt int not null,
  worker text collate "C" not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  outcome text collate "C"
    check (outcome in ('succeeded', 'partially_succeeded', 'blocked', 'failed', 'cancelled', 'lost')),
  reason_code text collate "C",
  summary_counts jsonb not null,
  failures jsonb not null,
  lost boolean not null,
  late boolean not null,
  last_sequence bigint not null,
  primary key (run_id, attempt)
);

-- What has changed since a reader last looked.
create index operation_run_attempts_by_sequence on operation_run_attempts (last_sequence);

-- By which revision of their fold the attempts were written. Null until a projector has filled the table, up to the
-- checkpoint that the mirror has then.
alter table ledger_projections add column attempts_revision int;
