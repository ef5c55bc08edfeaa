-- A roll-up by day, which is computed when it is read. It can be made again by itself (migrations.cc).
create or replace view operation_runs_daily as
select (requested_at at time zone 'UTC')::date as day,
  workspace_id,
  tenant_id,
  type,
  count(*) as runs,
  count(*) filter (where status = 'queued') as queued,
  count(*) filter (where status = 'running') as running,
  count(*) filter (where outcome = 'succeeded') as succeeded,
  count(*) filter (where outcome = 'partially_succeeded') as partially_succeeded,
  count(*) filter (where outcome = 'blocked') as blocked,
  count(*) filter (where outcome = 'failed') as failed,
  count(*) filter (where outcome = 'cancelled') as cancelled,
  sum(attempt) as attempts,
  sum(deduped_count) as deduped,
  avg(extract(epoch from started_at - requested_at))::float8 as wait_seconds_avg,
  avg(extract(epoch from completed_at - started_at))::float8 as duration_seconds_avg,
  percentile_cont(0.95) within group (order by extract(epoch from completed_at - started_at)::float8)
    as duration_seconds_p95
from operation_runs
group by 1, 2, 3, 4;

-- With the rights of the reader, so that the policies of rows that an application puts on operation_runs hold here too.
-- Before Postgres 15, a view has those of its owner alone.
do $$ begin
  if current_setting('server_version_num')::int >= 150000 then
    alter view operation_runs_daily set (security_invoker = true);
  end if;
end $$;

comment on view operation_runs_daily is 'Operation runs by the day of their request, computed from operation_runs';
comment on column operation_runs_daily.day is 'The day of the request, in UTC';
comment on column operation_runs_daily.workspace_id is 'The workspace';
comment on column operation_runs_daily.tenant_id is 'The tenant; null for runs of the workspace itself';
comment on column operation_runs_daily.type is 'The type of operation';
comment on column operation_runs_daily.runs is 'The runs that were requested that day';
comment on column operation_runs_daily.queued is 'Those that are queued now';
comment on column operation_runs_daily.running is 'Those that are running now';
comment on column operation_runs_daily.succeeded is 'Those that have succeeded';
comment on column operation_runs_daily.partially_succeeded is 'Those that have partially succeeded';
comment on column operation_runs_daily.blocked is 'Those that were blocked';
comment on column operation_runs_daily.failed is 'Those that have failed';
comment on column operation_runs_daily.cancelled is 'Those that were cancelled';
comment on column operation_runs_daily.attempts is 'Their attempts';
comment on column operation_runs_daily.deduped is 'The later requests that were answered with them';
comment on column operation_runs_daily.wait_seconds_avg is 'From request to first start, on average';
comment on column operation_runs_daily.duration_seconds_avg is 'From first start to completion, on average';
comment on column operation_runs_daily.duration_seconds_p95 is 'The same, which 95 % of them do not exceed';
