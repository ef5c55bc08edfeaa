-- The tables of runledger seed: made-up workspaces, tenants and policies. They are not part of the mirror. Their
-- comments distinguish them from an application's own tables of the same names, which are never touched.
create table workspaces (
  id text collate "C" primary key,
  name text not null,
  created_at timestamptz not null default now()
);
comment on table workspaces is 'Demo data of runledger seed';

create table tenants (
  workspace_id text collate "C" not null references workspaces,
  id text collate "C" not null,
  name text not null,
  external_id uuid not null unique,
  graph_tenant_id text collate "C",  -- The Graph directory, if the environment named one; never the external id.
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  constraint tenants_external_id_is_random
    check (external_id::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')
);
comment on table tenants is 'Demo data of runledger seed';

create table policies (
  workspace_id text collate "C" not null,
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  name text not null,
  type text collate "C" not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, tenant_id, id),
  foreign key (workspace_id, tenant_id) references tenants
);
comment on table policies is 'Demo data of runledger seed';
