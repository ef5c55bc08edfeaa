-- Checkpoints that the ledger has signed (docs/evidence.md). They are not derived from the log but bind it, so they
-- stay when the mirror's tables are dropped, and may be there when they are made again. The comment tells the table
-- from an application's own one of the same name, which is never touched (migrations.cc).
create table if not exists ledger_checkpoints (
  ledger_id uuid not null,
  size bigint not null,
  root text collate "C" not null,
  note text collate "C" not null,
  verifier_key text collate "C" not null,
  signed_at timestamptz not null,
  primary key (ledger_id, size, root)
);
comment on table ledger_checkpoints is 'Signed checkpoints of a ledger, kept by runledger';
