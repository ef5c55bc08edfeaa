-- The table that applications read. One row per run, equal to the fold of the ledger's log at the checkpoint below.
-- Texts compare by their bytes ("C"), which needs no rules of any language and is what ids and codes mean.
create table operation_runs (
  id uuid primary key,
  workspace_id text collate "C" not null,
  tenant_id text collate "C",
  type text collate "C" not null,
  status text collate "C" not null check (status in ('queued', 'running', 'completed')),
  outcome text collate "C" not null
    check (outcome in ('pending', 'succeeded', 'partially_succeeded', 'blocked', 'failed', 'cancelled')),
  run_identity_hash text collate "C" not null,
  attempt int not null,
  max_attempts int not null,
  deduped_count int not null,
  initiator text collate "C",
  reason_code text collate "C",
  summary_counts jsonb not null,
  failure_summary jsonb not null,
  context jsonb not null,
  requested_at timestamptz not null,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  run_version int not null,
  last_sequence bigint not null,
  constraint operation_runs_outcome_when_completed check ((status = 'completed') = (outcome <> 'pending'))
);

-- One active run per identity: per tenant, and per workspace where there is no tenant. The digest covers the type.
create unique index operation_runs_active_tenant on operation_runs (workspace_id, tenant_id, run_identity_hash)
  where tenant_id is not null and status in ('queued', 'running');
create unique index operation_runs_active_workspace on operation_runs (workspace_id, run_identity_hash)
  where tenant_id is null and status in ('queued', 'running');

create index operation_runs_newest on operation_runs (workspace_id, tenant_id, requested_at desc);
create index operation_runs_by_type on operation_runs (type, requested_at desc);
create index operation_runs_by_status on operation_runs (status, requested_at desc);

-- Where each projection stands. Moves in the transaction that writes its rows.
create table ledger_projections (
  name text collate "C" primary key,
  revision int not null,
  ledger_id uuid not null,
  checkpoint bigint not null,
  updated_at timestamptz not null
);

-- Which files of schema/postgres have been applied here.
create table ledger_migrations (
  number int primary key,
  name text not null,
  applied_at timestamptz not null
);
