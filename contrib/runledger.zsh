#compdef runledger
# Completion of runledger in zsh, as `runledger completion zsh` prints it.
_runledger() {
  local curcontext=$curcontext state line
  local -a options commands
  options=(
    '(--data)--data=[The ledger'\''s directory (default ./runledger-data)]:DIR:_files'
    '(--catalog)--catalog=[Types of your own, beside the built-in ones; after `import` it is that command'\''s own option]:FILE:_files'
    '(--connect)--connect=[Use the daemon at unix:PATH, tls:HOST:PORT, or tcp:HOST:PORT, which is not encrypted (default: one that runs on --data)]:ADDRESS: '
    '(--token-file)--token-file=[The file that holds the token for --connect]:FILE:_files'
    '(--tls-ca)--tls-ca=[The CAs to trust with tls: (default: those that this system trusts)]:FILE:_files'
    '(--client-cert)--client-cert=[The certificate to show with tls:, where the daemon wants one]:FILE:_files'
    '(--client-key)--client-key=[The key of --client-cert]:FILE:_files'
    '(--spool)--spool=[Where exec keeps the runs that it carried out without the ledger (default: spool in --data; none with --connect)]:DIR:_files'
    '(-f --format)-f+[How results are printed: for people (table is the same), as JSON, or in columns where a command lists]:text|json|csv|tsv:(text json csv tsv)'
    '(-f --format)--format=[How results are printed: for people (table is the same), as JSON, or in columns where a command lists]:text|json|csv|tsv:(text json csv tsv)'
    '(--config)--config=[Options from a TOML file (default: /etc/runledger/runledger.toml, where it exists); the command line has the last word]:FILE:_files'
    '(-h --help)-h[The help of the program or of the command]'
    '(-h --help)--help[The help of the program or of the command]'
    '(-V --version)-V[The version of the program]'
    '(-V --version)--version[The version of the program]'
  )
  commands=(
    'init:Makes a new ledger; refuses a directory that already holds something'
    'request:Asks for a run'
    'start:Starts an attempt of a run; the answer has its number and token'
    'heartbeat:Extends the lease of an attempt that is at work'
    'finish:Ends an attempt, with what it counted and what failed'
    'fail:Ends a run as failed, without an attempt'\''s end'
    'cancel:Ends a run as cancelled'
    'show:One run\: its row, attempts and events, now or as it was'
    'list:Runs, newest first'
    'stats:Totals of runs, attempts, events, dedupes and counts'
    'series:What happened in each step of a time\: runs requested, completed, failed, duplicates'
    'failures:Failures by type and reason code, with the shapes of their messages'
    'attempts:Attempts, the latest first'
    'workers:Workers, by their open attempts, and what they did in the last 24 hours'
    'duplicates:Requests and starts that were answered with an existing run, newest first'
    'overdue:Types that have not succeeded for longer than the catalog expects, by scope'
    'explain:What a request would be answered now, and why; changes nothing'
    'why:Why a run is not being carried out\: since when it is due, and who could'
    'replay:The events as they happened, or the rows that they had made by then'
    'tail:Follows the log live, until interrupted'
    'watch:Follows a run until it ends; the status says how'
    'import:Takes in a journal of another source, or with --verbatim an export of a ledger'
    'export:The log as JSON lines, one event each; import --verbatim reads them'
    'project:Mirrors the runs into Postgres, table operation_runs'
    'rebuild:Makes the local rows, or the Postgres mirror, anew from the log, and reports what had drifted'
    'verify:The whole ledger against its invariants, and the mirror against the log; status 5 on findings'
    'erase:Makes what a tenant has written unreadable for ever; ids, times, outcomes and counts stay'
    'backup:Copies the whole ledger, keys included, into a directory of backups, also beside the daemon'
    'restore:Makes a ledger of a backup\: the successor of a lost one, or a copy beside the original'
    'recover:What is left of a damaged ledger; --accept-head makes a new one of it. Status 5 on damage'
    'doctor:Checks the ledger'\''s disk, modes, keys, daemon, mirror and backups; status 1 on a problem'
    'audit:The key that signs checkpoints\: shows its public part, makes it, or replaces it'
    'checkpoint:A signed note of the log'\''s length and root, to be kept elsewhere; verify compares it'
    'prove:A file that proves an event, a run, or that the log extends a checkpoint, for verify --proof'
    'types:The catalog\: the known types of operations, with their policies'
    'token:Issues, lists, rotates and revokes the tokens by which callers of the daemon are known'
    'serve:The daemon\: holds the ledger open for many processes, until SIGTERM'
    'ui:Prints the address of the daemon'\''s page, with a token that may only read and ends in 8 hours'
    'work:A worker for the built-in jobs, until SIGTERM; it needs a daemon'
    'exec:Runs any command as a tracked run\: exec OPTIONS -- COMMAND ARGUMENT…'
    'spool:Lists the runs that exec carried out without the ledger, or takes them in'
    'seed:Demo workspaces, tenants and policies in Postgres, and demo runs; repeatable'
    'help:This help, or that of a command'
    'completion:A script that completes commands and options in bash, zsh or fish'
    'man:The manual page of the program, runledger(1)'
  )
  _arguments -s -C $options '1: :->command' '*:: :->arguments'
  case $state in
    command) _describe -t commands command commands ;;
    arguments)
      case $words[1] in
      init)
        options+=(
          '(--origin)--origin=[The ledger'\''s name in checkpoints (default runledger/LEDGER-ID)]:NAME: '
          '(--signer)--signer=[Signs checkpoints, with a key that is kept elsewhere, such as in a key management service]:COMMAND: '
          '(--seal-tenants)--seal-tenants[Seals what tenants write into events, each tenant under a key of its own]'
          '(--master-key)--master-key=[With --seal-tenants: wraps the tenants'\'' keys; made if it is missing (default seal.master in the ledger'\''s directory)]:FILE:_files'
          '(--master-key-command)--master-key-command=[Instead of --master-key: wraps and unwraps a key, such as with a key management service]:COMMAND: '
        )
        _arguments -s $options ;;
      request)
        options+=(
          '(--workspace)--workspace=[The workspace it is for]:W: '
          '(--tenant)--tenant=[The tenant of the workspace; none for housekeeping of the workspace itself]:T: '
          '(--type)--type=[What kind of operation (see `runledger types`)]:TYPE: '
          '(--input)--input=[The operation'\''s input, a JSON object; @FILE reads it from a file, @- from standard input]:JSON|@FILE:_files'
          '(--run)--run=[Means exactly this run]:UUID: '
          '*--label=[A label to find the run by, up to 8 of them]:KEY=VALUE: '
          '(--parent)--parent=[The run that led to this one; the first digits of its id will do]:RUN: '
          '(--rerun-of)--rerun-of=[The completed run that this one repeats; the first digits of its id will do]:RUN: '
          '(--traceparent)--traceparent=[Its place in a distributed trace (W3C Trace Context)]:TEXT: '
          '(--max-attempts)--max-attempts=[Attempts at most; this and what follows within the type'\''s bounds]:N: '
          '(--lease)--lease=[How long an attempt lives without a heartbeat]:SECONDS: '
          '(--backoff)--backoff=[The delay after the first failed attempt]:SECONDS: '
          '(--cooldown)--cooldown=[How long after this run the same request is answered with it]:SECONDS: '
          '(--cooldown-from)--cooldown-from=[The time from which the cooldown counts]:completion|request:(completion request)'
          '*--cooldown-after=[An outcome after which there is a cooldown]:OUTCOME: '
          '(--initiator)--initiator=[Who asks]:NAME: '
          '(--force)--force[Skips the cooldown, never the rule of one active run]'
          '(--command-id)--command-id=[Makes it repeatable: the same id is answered the same]:UUID: '
          '(--fail-if-deduped)--fail-if-deduped[Ends with status 3 when deduplicated]'
        )
        _arguments -s $options ;;
      start)
        options+=(
          '(--worker)--worker=[Who works on it]:NAME: '
          '(--starter)--starter=[Names who asks, over several calls: a start that is skipped again is not recorded]:TEXT: '
          '(--lease)--lease=[How long the attempt lives without a heartbeat, within the type'\''s bounds]:SECONDS: '
          '(--respect-not-before)--respect-not-before[Skips a run whose retry is not due yet]'
          '(--fail-if-deduped)--fail-if-deduped[Ends with status 3 when the worker has to skip it]'
        )
        _arguments -s $options '*: : ' ;;
      heartbeat)
        options+=(
          '(--attempt)--attempt=[The attempt'\''s number, as start gave it]:N: '
          '(--token)--token=[The attempt'\''s token, as start gave it]:TOKEN: '
          '*--progress=[How far the work has come, absolute; may be repeated]:KEY=N: '
        )
        _arguments -s $options '*: : ' ;;
      finish)
        options+=(
          '(--attempt)--attempt=[The attempt'\''s number, as start gave it]:N: '
          '(--token)--token=[The attempt'\''s token, as start gave it]:TOKEN: '
          '(--outcome)--outcome=[How it ended]:succeeded|partially_succeeded|blocked|failed|cancelled:(succeeded partially_succeeded blocked failed cancelled)'
          '*--count=[A count of this attempt, absolute; may be repeated]:KEY=N: '
          '*--failure=[Something that failed; may be repeated]:CODE[\:MESSAGE]: '
          '(--no-retry)--no-retry[After `failed`: another attempt would be pointless]'
        )
        _arguments -s $options '*: : ' ;;
      fail)
        options+=(
          '(--reason)--reason=[Why, as a stable code such as dispatch.failed]:CODE: '
          '(--message)--message=[Why, for people]:TEXT: '
          '(--initiator)--initiator=[Who ends the run]:NAME: '
        )
        _arguments -s $options '*: : ' ;;
      cancel)
        options+=(
          '(--message)--message=[Why, for people]:TEXT: '
          '(--initiator)--initiator=[Who ends the run]:NAME: '
        )
        _arguments -s $options '*: : ' ;;
      show)
        options+=(
          '(--events)--events[In the text, every event as it is recorded too; JSON always has them]'
          '(--as-of)--as-of=[As it was after this event, or at this time]:SEQ|TIME: '
        )
        _arguments -s $options '*: : ' ;;
      list)
        options+=(
          '(--workspace)--workspace=[Only runs of this workspace]:W: '
          '(--tenant)--tenant=[Only runs of this tenant]:T: '
          '*--type=[Only runs of this type, or of one of several]:TYPE: '
          '*--status=[Only runs of this status, or of one of several]:queued|running|completed:(queued running completed)'
          '*--outcome=[Only runs of this outcome, or of one of several]:pending|succeeded|partially_succeeded|blocked|failed|cancelled:(pending succeeded partially_succeeded blocked failed cancelled)'
          '(--reason-code)--reason-code=[The reason of the failure of the run or of its latest attempt]:CODE: '
          '(--initiator)--initiator=[Who asked for it]:TEXT: '
          '(--worker)--worker=[One that started an attempt]:NAME: '
          '(--identity)--identity=[Its identity, as `show` prints it]:HASH: '
          '(--parent)--parent=[The run that led to it; the first digits of its id will do]:RUN: '
          '*--label=[One of its labels; all of several]:KEY=VALUE: '
          '(--attempts-min)--attempts-min=[At least so many attempts]:N: '
          '(--deduped)--deduped[A request was answered with it]'
          '(--id-prefix)--id-prefix=[How its id begins, 4 digits or more]:DIGITS: '
          '(--since)--since=[Requested at or after it]:TIME: '
          '(--until)--until=[Requested before it]:TIME: '
          '(--completed-since)--completed-since=[Completed at or after it]:TIME: '
          '(--active-between)--active-between=[Requested and not completed in this time]:FROM/UNTIL: '
          '(--as-of)--as-of=[As they were after this event, or at this time]:SEQ|TIME: '
          '(-n --limit)-n+[At most so many, 1 to 1000 (default 50)]:N: '
          '(-n --limit)--limit=[At most so many, 1 to 1000 (default 50)]:N: '
          '(--cursor)--cursor=[Where the page before ended, as it said]:CURSOR: '
          '(--all)--all[All pages to the end, whatever --limit says]'
        )
        _arguments -s $options ;;
      stats)
        options+=(
          '(--workspace)--workspace=[Only runs of this workspace]:W: '
          '(--tenant)--tenant=[Only runs of this tenant]:T: '
          '*--type=[Only runs of this type, or of one of several]:TYPE: '
          '(--since)--since=[Only what was recorded at or after it]:TIME: '
          '(--until)--until=[Only what was recorded before it]:TIME: '
          '(--as-of)--as-of=[Only what was recorded at or before it]:TIME: '
        )
        _arguments -s $options ;;
      series)
        options+=(
          '(--workspace)--workspace=[Only runs of this workspace]:W: '
          '(--tenant)--tenant=[Only runs of this tenant]:T: '
          '*--type=[Only runs of this type, or of one of several]:TYPE: '
          '(--since)--since=[Recorded at or after it]:TIME: '
          '(--until)--until=[Recorded before it]:TIME: '
          '(--step)--step=[The length of a step, in whole minutes; at most 400 steps]:SECONDS: '
          '(--by)--by=[outcome, rule, type or tenant]:WHAT: '
          '(--of)--of=[With --by type or tenant: requested, started, deduped, completed or failed]:WHAT: '
        )
        _arguments -s $options ;;
      failures)
        options+=(
          '(--workspace)--workspace=[Only runs of this workspace]:W: '
          '(--tenant)--tenant=[Only runs of this tenant]:T: '
          '*--type=[Only runs of this type, or of one of several]:TYPE: '
          '(--reason-code)--reason-code=[Only this reason]:CODE: '
          '(--since)--since=[Recorded at or after it]:TIME: '
          '(--until)--until=[Recorded before it]:TIME: '
          '(-n --limit)-n+[At most so many groups, 1 to 1000 (default 50)]:N: '
          '(-n --limit)--limit=[At most so many groups, 1 to 1000 (default 50)]:N: '
        )
        _arguments -s $options ;;
      attempts)
        options+=(
          '(--workspace)--workspace=[Only runs of this workspace]:W: '
          '(--tenant)--tenant=[Only runs of this tenant]:T: '
          '*--type=[Only runs of this type, or of one of several]:TYPE: '
          '(--worker)--worker=[Only those of this worker]:NAME: '
          '(--since)--since=[Recorded at or after it]:TIME: '
          '(--until)--until=[Recorded before it]:TIME: '
          '(-n --limit)-n+[At most so many, 1 to 1000 (default 50)]:N: '
          '(-n --limit)--limit=[At most so many, 1 to 1000 (default 50)]:N: '
          '(--cursor)--cursor=[Where the page before ended, as it said]:CURSOR: '
          '(--all)--all[All pages to the end, whatever --limit says]'
        )
        _arguments -s $options ;;
      workers)
        options+=(
          '(--workspace)--workspace=[Only runs of this workspace]:W: '
          '(--tenant)--tenant=[Only runs of this tenant]:T: '
          '*--type=[Only runs of this type, or of one of several]:TYPE: '
          '(--worker)--worker=[Only this worker]:NAME: '
          '(-n --limit)-n+[At most so many, 1 to 1000 (default 100)]:N: '
          '(-n --limit)--limit=[At most so many, 1 to 1000 (default 100)]:N: '
        )
        _arguments -s $options ;;
      duplicates)
        options+=(
          '(--workspace)--workspace=[Only runs of this workspace]:W: '
          '(--tenant)--tenant=[Only runs of this tenant]:T: '
          '*--type=[Only runs of this type, or of one of several]:TYPE: '
          '*--rule=[active_run, cooldown, same_run, attempt_active, …; one of several]:RULE: '
          '(--stage)--stage=[dispatch: of requests; execute: of starts]:STAGE: '
          '(--initiator)--initiator=[Who asked again]:TEXT: '
          '(--identity)--identity=[The identity of the run]:HASH: '
          '(--since)--since=[Recorded at or after it]:TIME: '
          '(--until)--until=[Recorded before it]:TIME: '
          '(--by-identity)--by-identity[Counts the newest 5,000 by identity and rule]'
          '(-n --limit)-n+[At most so many, 1 to 1000 (default 50)]:N: '
          '(-n --limit)--limit=[At most so many, 1 to 1000 (default 50)]:N: '
          '(--cursor)--cursor=[Where the page before ended, as it said]:CURSOR: '
          '(--all)--all[All pages to the end, whatever --limit says]'
        )
        _arguments -s $options ;;
      overdue)
        options+=(
          '(--workspace)--workspace=[Only runs of this workspace]:W: '
          '(--tenant)--tenant=[Only runs of this tenant]:T: '
          '*--type=[Only runs of this type, or of one of several]:TYPE: '
          '(-n --limit)-n+[At most so many, 1 to 1000 (default 100)]:N: '
          '(-n --limit)--limit=[At most so many, 1 to 1000 (default 100)]:N: '
        )
        _arguments -s $options ;;
      explain)
        options+=(
          '(--workspace)--workspace=[The workspace it is for]:W: '
          '(--tenant)--tenant=[The tenant of the workspace; none for housekeeping of the workspace itself]:T: '
          '(--type)--type=[What kind of operation (see `runledger types`)]:TYPE: '
          '(--input)--input=[The operation'\''s input, a JSON object; @FILE reads it from a file, @- from standard input]:JSON|@FILE:_files'
          '(--run)--run=[Means exactly this run]:UUID: '
          '*--label=[A label to find the run by, up to 8 of them]:KEY=VALUE: '
          '(--parent)--parent=[The run that led to this one; the first digits of its id will do]:RUN: '
          '(--rerun-of)--rerun-of=[The completed run that this one repeats; the first digits of its id will do]:RUN: '
          '(--traceparent)--traceparent=[Its place in a distributed trace (W3C Trace Context)]:TEXT: '
          '(--max-attempts)--max-attempts=[Attempts at most; this and what follows within the type'\''s bounds]:N: '
          '(--lease)--lease=[How long an attempt lives without a heartbeat]:SECONDS: '
          '(--backoff)--backoff=[The delay after the first failed attempt]:SECONDS: '
          '(--cooldown)--cooldown=[How long after this run the same request is answered with it]:SECONDS: '
          '(--cooldown-from)--cooldown-from=[The time from which the cooldown counts]:completion|request:(completion request)'
          '*--cooldown-after=[An outcome after which there is a cooldown]:OUTCOME: '
          '(--force)--force[As if the request were forced]'
        )
        _arguments -s $options ;;
      why)
        options+=(
        )
        _arguments -s $options '*: : ' ;;
      replay)
        options+=(
          '(--from)--from=[The first event (default 1)]:SEQ: '
          '(--to)--to=[The last event (default: the last there is)]:SEQ: '
          '(--since)--since=[Recorded at or after it]:TIME: '
          '(--until)--until=[Recorded before it]:TIME: '
          '(--as-of)--as-of=[Only those up to this event, or recorded by this time]:SEQ|TIME: '
          '(--workspace)--workspace=[Only of this workspace]:W: '
          '(--tenant)--tenant=[Only of this tenant]:T: '
          '(--type)--type=[Only of runs of this type]:TYPE: '
          '(--run)--run=[Only of this run; the first digits of its id will do]:RUN: '
          '(--kind)--kind=[Only events of this kind]:requested|deduped|attempt-started|attempt-finished|failed|adopted|restored|erased|recovered:(requested deduped attempt-started attempt-finished failed adopted restored erased recovered)'
          '(--what-if)--what-if=[The requests that would have been answered in another way under the policies of this file]:CATALOG: '
          '(--state)--state[The rows as of --to or --until instead, in the order of their ids]'
        )
        _arguments -s $options ;;
      tail)
        options+=(
          '(--from)--from=[Begins with this event (default: the next one)]:SEQ: '
          '(-n)-n+[Stops after N events; without --from: the last N]:N: '
        )
        _arguments -s $options ;;
      watch)
        options+=(
        )
        _arguments -s $options '*: : ' ;;
      import)
        options+=(
          '(--catalog)--catalog=[The policies of the journal'\''s types, in place of the built-in ones; before `import` it is the global option, which adds to them]:FILE:_files'
          '(--namespace)--namespace=[Tells the keys of this source from those of others (default import)]:NAME: '
          '(--rejects)--rejects=[Writes the rejected lines there: number, code, reason and text, separated by tabs]:FILE:_files'
          '(--map-names)--map-names[Maps names that a ledger does not take, such as App\\Jobs\\X or auth0|x, by a rule that can be reversed, instead of rejecting their lines]'
          '(--retry-rejected)--retry-rejected[Asks the rejected lines once more, after all others, also those that an earlier import of the same lines rejected]'
          '(--adopt)--adopt[Takes over the runs that the journal leaves open, so that workers here get them; runs whose identity a live run holds stay as they are]'
          '(--fail-on-reject)--fail-on-reject[Ends with status 3 if a line was rejected]'
          '(--dry-run)--dry-run[Imports into a copy of the ledger that is dropped, and prints the report]'
          '(--batch)--batch=[At most so many lines a commit (default 2048)]:N: '
          '(--verbatim)--verbatim[The files are exports: takes the events over as they are, into an empty ledger or one that holds the beginning of them]'
        )
        _arguments -s $options '*:file:_files' ;;
      export)
        options+=(
          '(--from)--from=[The first event (default 1)]:SEQ: '
          '(--to)--to=[The last event (default: the last there is)]:SEQ: '
          '(--since)--since=[Recorded at or after it]:TIME: '
          '(--until)--until=[Recorded before it]:TIME: '
          '(--as-of)--as-of=[Only those up to this event, or recorded by this time]:SEQ|TIME: '
          '(--workspace)--workspace=[Only of this workspace]:W: '
          '(--tenant)--tenant=[Only of this tenant]:T: '
          '(--type)--type=[Only of runs of this type]:TYPE: '
          '(-o --output)-o+[Writes this file, whole or not at all, instead of standard output]:FILE:_files'
          '(-o --output)--output=[Writes this file, whole or not at all, instead of standard output]:FILE:_files'
          '(--with-key)--with-key[Puts the ledger'\''s identity key first, and the keys of its tenants if it seals what they write, in clear: a ledger that is made of the export then recognises repeated requests, and reads contents, as this one does]'
          '(--evidence)--evidence[The events of one tenant, or of a workspace without its tenants, with a signed proof that there are no others, for verify --proof]'
        )
        _arguments -s $options ;;
      project)
        options+=(
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
          '(--once)--once[Stops when the mirror has caught up; otherwise follows until interrupted, which beside a daemon is for `serve --postgres`]'
        )
        _arguments -s $options ;;
      rebuild)
        options+=(
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
          '(--dry-run)--dry-run[Only reports]'
        )
        _arguments -s $options ;;
      verify)
        options+=(
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
          '*--checkpoint=[A checkpoint that the log must extend; may be repeated]:FILE:_files'
          '(--proof)--proof=[Checks this proof instead, without a ledger]:FILE:_files'
          '*--witness=[A witness that must have cosigned each --checkpoint, by its verifier key; may be repeated]:KEY: '
          '(--key)--key=[The verifier key of checkpoints and proofs, as audit key show prints it]:KEY: '
          '(--rotations)--rotations=[The ledger'\''s audit.rotations, which lead from --key to newer keys]:FILE:_files'
          '(--earlier)--earlier=[With --proof: earlier evidence of the same tenant or workspace, which this one must extend]:FILE:_files'
          '(-o --output)-o+[With --proof: writes the events of a tenant'\''s evidence as lines of JSON, if it holds]:FILE:_files'
          '(-o --output)--output=[With --proof: writes the events of a tenant'\''s evidence as lines of JSON, if it holds]:FILE:_files'
        )
        _arguments -s $options ;;
      erase)
        options+=(
          '(--workspace)--workspace=[The workspace]:W: '
          '(--tenant)--tenant=[The tenant]:T: '
          '(--reason)--reason=[Why; it is recorded, and stays]:TEXT: '
          '(--cancel-active)--cancel-active[Cancels the tenant'\''s active runs first]'
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
        )
        _arguments -s $options ;;
      backup)
        options+=(
          '(--list)--list[Lists the backups in DIR instead, the oldest first]'
          '(--keep)--keep=[Removes all but the newest N backups once the new one is complete (default: none)]:N: '
        )
        _arguments -s $options '*:file:_files' ;;
      restore)
        options+=(
          '(--into)--into=[The new ledger'\''s directory: empty, or not there yet]:PATH: '
          '(--as)--as=[successor: the same ledger goes on, and the original must not; copy: another ledger]:successor|copy:(successor copy)'
          '(--backup)--backup=[The backup to restore (default: the newest)]:NAME: '
          '(--reached)--reached=[successor: an event that the lost ledger is known to have had]:SEQ: '
          '*--checkpoint=[A checkpoint that the lost ledger signed: how far it had come, and what it had erased; may be repeated]:FILE:_files'
          '(--key)--key=[The verifier key of --checkpoint, as audit key show prints it; with --postgres, also of checkpoints that are stored there]:KEY: '
          '(--rotations)--rotations=[The ledger'\''s audit.rotations, which lead from --key to newer keys]:FILE:_files'
          '(--seal-keys)--seal-keys=[The directory with copies of seal.keys, which no backup has, and of seal.master if there is one]:DIR:_files'
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
        )
        _arguments -s $options '*:file:_files' ;;
      recover)
        options+=(
          '(--accept-head)--accept-head[Makes a new ledger of the events up to the last good one; later ones are lost]'
          '(--into)--into=[With --accept-head: the new ledger'\''s directory, empty or not there yet]:PATH: '
          '(--reached)--reached=[An event that the ledger is known to have had]:SEQ: '
          '*--checkpoint=[A checkpoint that the ledger signed; may be repeated]:FILE:_files'
          '(--key)--key=[The verifier key of --checkpoint, as audit key show prints it]:KEY: '
          '(--rotations)--rotations=[The ledger'\''s audit.rotations, which lead from --key to newer keys]:FILE:_files'
          '(--ledger-id)--ledger-id=[The ledger'\''s id, if the damage has taken it]:ID: '
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
        )
        _arguments -s $options '*:file:_files' ;;
      doctor)
        options+=(
          '(--backup-dir)--backup-dir=[The directory of backups, whose newest one must not be old]:DIR:_files'
          '(--backup-age)--backup-age=[The age from which it is old (default 48h)]:INTERVAL: '
          '(--tls-cert)--tls-cert=[The daemon'\''s certificate, whose expiry is checked]:FILE:_files'
          '(--tls-key)--tls-key=[The key of --tls-cert]:FILE:_files'
          '(--checkpoint-file)--checkpoint-file=[The file of serve --checkpoint-file, which must not be old]:FILE:_files'
          '(--unit)--unit=[The daemon'\''s systemd unit (default runledger)]:NAME: '
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
        )
        _arguments -s $options ;;
      audit)
        options+=(
          '(--origin)--origin=[key create: the ledger'\''s name in checkpoints (default runledger/LEDGER-ID)]:NAME: '
          '(--signer)--signer=[key create and key rotate: signs, with a key that is kept elsewhere]:COMMAND: '
          '(--in-file)--in-file[key rotate: goes on from a --signer to a key in the file audit.key]'
        )
        _arguments -s $options '*: : ' ;;
      checkpoint)
        options+=(
          '(-o --output)-o+[Writes this file, whole or not at all, instead of standard output]:FILE:_files'
          '(-o --output)--output=[Writes this file, whole or not at all, instead of standard output]:FILE:_files'
        )
        _arguments -s $options ;;
      prove)
        options+=(
          '(--event)--event=[The event to prove]:SEQ: '
          '(--run)--run=[The run of which all events are proven; the first digits of its id will do]:RUN: '
          '(--complete)--complete[With --run: also proves that the run has no other events, and tells nothing of other tenants]'
          '(--consistency)--consistency=[An earlier checkpoint of this ledger]:FILE:_files'
          '(-o --output)-o+[Writes this file, whole or not at all, instead of standard output]:FILE:_files'
          '(-o --output)--output=[Writes this file, whole or not at all, instead of standard output]:FILE:_files'
        )
        _arguments -s $options ;;
      types)
        options+=(
        )
        _arguments -s $options ;;
      token)
        options+=(
          '(--name)--name=[issue: says what the token is for; shown by list]:NAME: '
          '(--workspace)--workspace=[issue: the workspace that the token is for]:W: '
          '(--every-workspace)--every-workspace[issue: for the whole ledger instead]'
          '(--tenant)--tenant=[issue: for one tenant of the workspace only]:T: '
          '*--right=[issue: request, work, audit or operate; may be repeated]:R: '
          '(--expires)--expires=[issue, rotate: when the new token ends, or after how long, such as 30d (default: never; rotate: after as long as the old one was issued for)]:TIME|INTERVAL: '
          '(--overlap)--overlap=[rotate: how long the old token stays in force (default 1h; 0s: it ends at once)]:INTERVAL: '
        )
        _arguments -s $options '*: : ' ;;
      serve)
        options+=(
          '*--listen=[Where RPC is served: at most one unix:PATH, in the place of the socket in the data directory; may be repeated]:unix\:PATH|HOST\:PORT: '
          '(--socket-group)--socket-group=[Lets the members of this group connect to the unix socket too; they need a token there]:GROUP: '
          '(--http)--http=[Serves HTTP there; port 0 is any that is free]:HOST\:PORT: '
          '*--http-host=[A name by which callers may reach it besides those of the loopback; may be repeated]:NAME: '
          '*--http-origin=[An origin whose pages may call it from a browser; may be repeated]:ORIGIN: '
          '(--tls-cert)--tls-cert=[TLS for HTTP and for RPC over TCP, with this certificate, followed by its intermediate ones]:FILE:_files'
          '(--tls-key)--tls-key=[The key of --tls-cert]:FILE:_files'
          '(--tls-client-ca)--tls-client-ca=[Callers of RPC over TCP must show a certificate of one of these CAs]:FILE:_files'
          '(--insecure-listen)--insecure-listen[Listens beyond the loopback without TLS too, where everybody can read along]'
          '(--open-metrics)--open-metrics[Lets everybody who reaches HTTP read /metrics, without a token]'
          '(--no-ui)--no-ui[Serves no page for browsers under /ui/]'
          '(--open-checkpoints)--open-checkpoints[Lets everybody who reaches HTTP read /checkpoint and /tile/, without a token: they say how long the whole log is]'
          '(--checkpoint-every)--checkpoint-every=[Signs a checkpoint at most so often while events come, and at the end (default 60s)]:INTERVAL: '
          '(--checkpoint-file)--checkpoint-file=[Replaced with each new checkpoint, to be kept elsewhere]:FILE:_files'
          '*--witness=[A witness (C2SP'\''s tlog-witness) that is asked to cosign each checkpoint; may be repeated]:'\''KEY URL'\'': '
          '(--reconcile-every)--reconcile-every=[Asks for reconciliation of every workspace with work under way at each such interval, such as 5m]:INTERVAL: '
          '(--backup-every)--backup-every=[Makes a backup at each such interval, such as 6h]:INTERVAL: '
          '(--backup-dir)--backup-dir=[The directory of these backups, as runledger backup takes it]:DIR:_files'
          '(--backup-keep)--backup-keep=[Keeps only the newest N of them (default: all)]:N: '
          '(--connections)--connections=[How many callers may be connected, over RPC and over HTTP each (default 1024)]:N: '
          '(--idle-timeout)--idle-timeout=[Disconnects a caller that asks for nothing for so long (default 10m over RPC, 60s over HTTP)]:INTERVAL: '
          '(--stall-timeout)--stall-timeout=[How long a caller may take to send a request, or to read an answer (default 30s)]:INTERVAL: '
          '(--lock-wait)--lock-wait=[How long to wait while another process holds the ledger (default 10s; 0s: not at all)]:INTERVAL: '
          '(--strict-types)--strict-types[Refuses requests of types that the catalog does not list]'
          '(--check-config)--check-config[Only reports whether the daemon would start with these options]'
          '(--log-format)--log-format=[The form of the log on standard error (default: text on a terminal, else json)]:text|json:(text json)'
          '(--log-level)--log-level=[The lowest level that is logged (default info)]:info|warning|error:(info warning error)'
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
        )
        _arguments -s $options ;;
      ui)
        options+=(
          '(--workspace)--workspace=[Shows this workspace alone (default: the whole ledger)]:W: '
          '(--tenant)--tenant=[Shows one tenant of the workspace alone]:T: '
          '*--right=[Lets the page do more than read: request or work; may be repeated]:R: '
          '(--expires)--expires=[When the token ends (default 8h)]:INTERVAL: '
        )
        _arguments -s $options ;;
      work)
        options+=(
          '*--type=[Does the runs of this type; may be repeated]:TYPE: '
          '(--concurrency)--concurrency=[At most so many runs at a time, 1 to 256 (default 1)]:N: '
          '(--worker)--worker=[Who works (default: work@HOST:PROCESS)]:NAME: '
          '(--until-idle)--until-idle[Ends when nothing is due and nothing under way]'
          '(--once)--once[Ends after one run, or at once when nothing is due]'
          '(--grace)--grace=[How long jobs may go on after SIGTERM before they are stopped (default: no limit)]:SECONDS: '
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
        )
        _arguments -s $options ;;
      exec)
        options+=(
          '(--workspace)--workspace=[The workspace it is for]:W: '
          '(--tenant)--tenant=[The tenant of the workspace; none for housekeeping of the workspace itself]:T: '
          '(--type)--type=[What kind of operation (see `runledger types`)]:TYPE: '
          '(--input)--input=[The operation'\''s input, a JSON object; @FILE reads it from a file, @- from standard input]:JSON|@FILE:_files'
          '(--run)--run=[Means exactly this run]:UUID: '
          '*--label=[A label to find the run by, up to 8 of them]:KEY=VALUE: '
          '(--parent)--parent=[The run that led to this one; the first digits of its id will do]:RUN: '
          '(--rerun-of)--rerun-of=[The completed run that this one repeats; the first digits of its id will do]:RUN: '
          '(--traceparent)--traceparent=[Its place in a distributed trace (W3C Trace Context)]:TEXT: '
          '(--max-attempts)--max-attempts=[Attempts at most; this and what follows within the type'\''s bounds]:N: '
          '(--lease)--lease=[How long an attempt lives without a heartbeat]:SECONDS: '
          '(--backoff)--backoff=[The delay after the first failed attempt]:SECONDS: '
          '(--cooldown)--cooldown=[How long after this run the same request is answered with it]:SECONDS: '
          '(--cooldown-from)--cooldown-from=[The time from which the cooldown counts]:completion|request:(completion request)'
          '*--cooldown-after=[An outcome after which there is a cooldown]:OUTCOME: '
          '(--initiator)--initiator=[Who asks]:NAME: '
          '(--worker)--worker=[Who works on it (default: exec@HOST:PROCESS)]:NAME: '
          '(--retries)--retries=[Up to N attempts after the first, as far as the run'\''s policy allows (default 0)]:N: '
          '(--timeout)--timeout=[Ends an attempt that takes longer (default: no limit)]:SECONDS: '
          '(--kill-after)--kill-after=[Time between SIGTERM and SIGKILL when the command must end (default 10)]:SECONDS: '
          '(--force)--force[Skips the cooldown, never the rule of one active run]'
          '(--fail-if-deduped)--fail-if-deduped[Ends with status 3, or with N of --fail-if-deduped=N, when the command is not run]'
          '(--status-file)--status-file=[Gets the decision of the ledger and the end of the command as JSON]:FILE:_files'
          '(--when-unreachable)--when-unreachable=[When no ledger can be reached: ends without running the command (default), or runs it and keeps the run in --spool until the ledger is back, which gives up the rule of one active run]:refuse|run:(refuse run)'
        )
        _arguments -s $options '*:: :_normal' ;;
      spool)
        options+=(
          '(--every-ledger)--every-ledger[Also runs that exec meant for another --data or --connect]'
        )
        _arguments -s $options '*: : ' ;;
      seed)
        options+=(
          '(--postgres)--postgres=[The database, as a libpq connection string]:DSN: '
          '(--schema)--schema=[Its schema (default runledger, or public if the ledger'\''s mirror is there)]:NAME: '
          '(--workspaces)--workspaces=[How many (default 2)]:N: '
          '(--tenants)--tenants=[How many a workspace (default 2)]:N: '
          '(--policies)--policies=[How many a tenant (default 4)]:N: '
          '(--runs)--runs=[How many a tenant (default 6)]:N: '
        )
        _arguments -s $options ;;
      help)
        options+=(
        )
        _arguments -s $options '*: :(init request start heartbeat finish fail cancel show list stats series failures attempts workers duplicates overdue explain why replay tail watch import export project rebuild verify erase backup restore recover doctor audit checkpoint prove types token serve ui work exec spool seed help completion man)' ;;
      completion)
        options+=(
        )
        _arguments -s $options '*: :(bash zsh fish)' ;;
      man)
        options+=(
        )
        _arguments -s $options ;;
      esac ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _runledger "$@"
else
  compdef _runledger runledger
fi
