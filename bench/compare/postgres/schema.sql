-- What an application would write instead: a table of runs with one active run per identity, and a table of events.
create table operation_runs (
  id uuid primary key,
  workspace text not null,
  tenant text not null,
  type text not null,
  identity bytea not null,
  status text not null,
  outcome text not null,
  attempts int not null default 0,
  input jsonb not null,
  summary_counts jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now());
create unique index one_active_run on operation_runs (identity) where status in ('queued', 'running');
create index runs_of_tenant on operation_runs (workspace, tenant, created_at desc);

create table run_events (
  id bigserial primary key,
  run_id uuid not null,
  kind text not null,
  payload jsonb not null,
  recorded_at timestamptz not null default now());
create index events_of_run on run_events (run_id, id);
