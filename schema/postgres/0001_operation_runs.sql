-- The table that applications read. One row per run, equal to the fold of the ledger's log at the checkpoint below.
create table operation_runs (
  id uuid primary key,
  workspace_id text not null,
  tenant_id text,
  type text not null,
  status text not null check (status in ('queued', 'running', 'completed')),
  outcome text not null
    check (outcome in ('pending', 'succeeded', 'partially_succeeded', 'blocked', 'failed', 'cancelled')),
  run_identity_hash text not null,
  attempt int not null,
  max_attempts int not null,
  deduped_count int not null,
  initiator text,
  reason_code text,
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
  check ((status = 'completed') = (outcome <> 'pending'))
);

-- One active run per identity: per tenant, and per workspace where there is no tenant.
create unique index operation_runs_active_tenant on operation_runs (workspace_id, tenant_id, type, run_identity_hash)
  where tenant_id is not null and status in ('queued', 'running');
create unique index operation_runs_active_workspace on operation_runs (workspace_id, type, run_identity_hash)
  where tenant_id is null and status in ('queued', 'running');

create index operation_runs_newest on operation_runs (workspace_id, tenant_id, requested_at desc);
create index operation_runs_by_type on operation_runs (type, requested_at desc);
create index operation_runs_by_status on operation_runs (status, requested_at desc);

-- Where each projection stands. Moves in the transaction that writes its rows.
create table ledger_projections (
  name text primary key,
  revision int not null,
  ledger_id uuid not null,
  checkpoint bigint not null,
  updated_at timestamptz not null
);
