-- What people need who read the mirror by SQL: indexes, and what every table and column means. The comments and
-- docs/sql.md say the same, which a test checks. Those of adapter_runs and ledger_checkpoints themselves stay as they
-- are: they mark the tables as runledger's (migrations.cc).

-- What has changed since a reader last looked.
create index if not exists operation_runs_by_sequence on operation_runs (last_sequence);
-- Labels, by labels @> '{"key": "value"}'.
create index if not exists operation_runs_by_labels on operation_runs using gin (labels jsonb_path_ops);

comment on table operation_runs is 'Operation runs, one row each, mirrored by runledger';
comment on column operation_runs.id is 'The run';
comment on column operation_runs.workspace_id is 'Its workspace';
comment on column operation_runs.tenant_id is 'Its tenant; null for a run of the workspace itself';
comment on column operation_runs.type is 'The type of operation';
comment on column operation_runs.status is 'queued, running or completed';
comment on column operation_runs.outcome is
  'succeeded, partially_succeeded, blocked, failed or cancelled; pending until the run is completed';
comment on column operation_runs.run_identity_hash is
  'A digest of scope, type and identifying input: the same for requests that are the same';
comment on column operation_runs.attempt is 'The number of the last attempt that was started; 0 before the first';
comment on column operation_runs.max_attempts is 'How many attempts the run may have';
comment on column operation_runs.deduped_count is 'How many later requests were answered with this run';
comment on column operation_runs.initiator is 'Who asked for the run, as the caller named it';
comment on column operation_runs.reason_code is 'Why the run, or its latest attempt, did not succeed';
comment on column operation_runs.summary_counts is 'The counts of the final attempt; {} until the run is completed';
comment on column operation_runs.failure_summary is
  'The failures of the latest attempt, or of the event that failed the run: [{"reason_code", "message"}]';
comment on column operation_runs.context is 'The input of the run';
comment on column operation_runs.requested_at is 'When the run was requested, by the clock of its source';
comment on column operation_runs.started_at is 'When its first attempt was started, by the clock of its source';
comment on column operation_runs.completed_at is 'When the run was completed, by the clock of its source';
comment on column operation_runs.created_at is 'When the ledger recorded its first event';
comment on column operation_runs.updated_at is 'When the ledger recorded its latest event';
comment on column operation_runs.run_version is 'The number of its events';
comment on column operation_runs.last_sequence is 'The position of its latest event in the log';
comment on column operation_runs.labels is 'The labels of the request: {"key": "value"}';
comment on column operation_runs.parent_run_id is 'The run that led to this one';
comment on column operation_runs.root_run_id is 'The first run of that chain';
comment on column operation_runs.rerun_of is 'The completed run that this one repeats';
comment on column operation_runs.caller is
  'Who requested the run, as the ledger knows it: an access token, uid:N, or system';
comment on column operation_runs.imported_open is
  'Whether a journal left the run open: it then holds its identity against no live request';
comment on column operation_runs.skipped_count is 'How many starts of the run were skipped';

comment on table operation_run_attempts is 'Attempts of operation runs, one row each, mirrored by runledger';
comment on column operation_run_attempts.run_id is 'The run: operation_runs.id';
comment on column operation_run_attempts.attempt is 'The number of the attempt in its run, from 1 on';
comment on column operation_run_attempts.worker is 'The worker that started it';
comment on column operation_run_attempts.started_at is 'When it was started, by the clock of its source';
comment on column operation_run_attempts.ended_at is
  'When it ended by its report, its loss or the event that superseded it; null while it is under way';
comment on column operation_run_attempts.outcome is
  'What its report says, or lost; null while it is under way, and when it was superseded without a report';
comment on column operation_run_attempts.reason_code is 'Why it did not succeed, or why it was superseded';
comment on column operation_run_attempts.summary_counts is 'The counts that it reported';
comment on column operation_run_attempts.failures is 'The failures that it reported: [{"reason_code", "message"}]';
comment on column operation_run_attempts.lost is 'Whether its lease ran out, also if a report came later';
comment on column operation_run_attempts.late is 'Whether its report came after it had ended';
comment on column operation_run_attempts.last_sequence is 'The position of the event that last changed the row';

comment on table ledger_projections is 'How far the mirror has come, in one row, written by runledger';
comment on column ledger_projections.name is 'operation_runs';
comment on column ledger_projections.revision is 'The revision of the fold of runs';
comment on column ledger_projections.ledger_id is 'The ledger that is mirrored';
comment on column ledger_projections.checkpoint is 'The last event that the tables include';
comment on column ledger_projections.updated_at is 'When the checkpoint moved last';
comment on column ledger_projections.roots is 'The roots of the Merkle tree over the events up to the checkpoint';
comment on column ledger_projections.attempts_revision is
  'The revision of the fold of attempts; null before they are filled';

comment on table ledger_migrations is 'Files of schema/postgres that have been applied, written by runledger';
comment on column ledger_migrations.number is 'The number of the file';
comment on column ledger_migrations.name is 'Its name';
comment on column ledger_migrations.applied_at is 'When it was applied';

-- The next two tables are not derived, so they may be gone, or belong to another role; then they stay as they are.
do $$ begin
  comment on column ledger_checkpoints.ledger_id is 'The ledger that signed';
  comment on column ledger_checkpoints.size is 'The number of events in the tree';
  comment on column ledger_checkpoints.root is 'The root of the tree, in base64';
  comment on column ledger_checkpoints.note is 'The signed checkpoint';
  comment on column ledger_checkpoints.verifier_key is 'The key that verifies it';
  comment on column ledger_checkpoints.signed_at is 'When it was stored';
exception when undefined_table or undefined_column or insufficient_privilege then null;
end $$;
do $$ begin
  comment on column adapter_runs.run_id is 'The run: operation_runs.id';
  comment on column adapter_runs.workspace_id is 'Its workspace; a row of another workspace is ignored';
  comment on column adapter_runs.adapter is 'The adapter that carries the run out';
  comment on column adapter_runs.external_id is 'The adapter''s own name for the work';
  comment on column adapter_runs.attempt is 'The attempt of the run that the row is about';
  comment on column adapter_runs.status is 'queued, running, succeeded, failed or cancelled';
  comment on column adapter_runs.started_at is 'When the work began, by the adapter''s clock';
  comment on column adapter_runs.finished_at is 'When the work ended; set exactly with one of the last three statuses';
  comment on column adapter_runs.updated_at is 'When the adapter last wrote the row';
exception when undefined_table or undefined_column or insufficient_privilege then null;
end $$;
