-- A run that a journal left open holds its identity against no live request, so it does not count as the one active
-- run. Rows that are there already may be of such runs; they are made anew because their revision is another one.
alter table operation_runs add column imported_open boolean not null default false;
alter table operation_runs alter column imported_open drop default;

drop index if exists operation_runs_active_tenant;
drop index if exists operation_runs_active_workspace;
create unique index operation_runs_active_tenant on operation_runs (workspace_id, tenant_id, run_identity_hash)
  where tenant_id is not null and status in ('queued', 'running') and not imported_open;
create unique index operation_runs_active_workspace on operation_runs (workspace_id, run_identity_hash)
  where tenant_id is null and status in ('queued', 'running') and not imported_open;
