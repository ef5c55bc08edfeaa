-- What the adapters that carry runs out say of them, a line a run: written by the adapters, read by reconciliation,
-- not derived from the log. So it stays when the mirror's tables are dropped, and may be there when they are made anew.
-- The comment tells it from an application's own table of the same name, which is never touched (migrations.cc).
create table if not exists adapter_runs (
  run_id uuid primary key,
  workspace_id text collate "C" not null,
  adapter text not null,  -- Which adapter.
  external_id text,  -- The adapter's own name of the work.
  attempt int not null default 1 check (attempt >= 1),  -- The attempt of the run that this is about.
  status text collate "C" not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  started_at timestamptz,
  finished_at timestamptz check (isfinite(finished_at)),
  updated_at timestamptz not null default now(),
  constraint adapter_runs_finished_when_ended
    check ((status in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null))
);
comment on table adapter_runs is 'Records of adapters, read by runledger';
