-- What every service keeps beside its own tables: subjects, events, outbox, positions, parking, request ids, deadlines, clocks.
create schema if not exists chassis;

-- One small row per subject (a case): its position is the de-duplication of the log.
create table chassis.subjects (
    subject      uuid primary key,
    space        text        not null,
    state_format integer     not null,
    version      bigint      not null check (version >= 0),
    last_id      uuid        not null,
    chain        bytea       not null check (octet_length(chain) = 32),
    seen         bytea       not null,
    state        bytea       not null,
    step_pending boolean     not null,
    waiting      boolean     not null,
    blocked      text
) with (fillfactor = 70);
comment on column chassis.subjects.waiting is 'records of this subject wait in parked for a gap to fill';
comment on column chassis.subjects.blocked is 'why commands, deadlines and steps of this subject wait; null when they do not';
create index subjects_step_pending on chassis.subjects (subject) where step_pending;
create index subjects_blocked on chassis.subjects (subject) where blocked is not null;

-- Raw events as published: own events always, every event in the service that archives.
create table chassis.events (
    subject     uuid        not null,
    stream      text        not null,
    sequence    bigint      not null check (sequence > 0),
    id          uuid        not null,
    source      text        not null,
    type        text        not null,
    time        timestamptz not null,
    traceparent text,
    chain       bytea       not null check (octet_length(chain) = 32),
    value       bytea       not null,
    primary key (subject, stream, sequence)
);
comment on column chassis.events.stream is 'empty for decisions; the source for notices';

-- What the relay still has to publish, in commit-safe id order.
create table chassis.outbox (
    id       bigint generated always as identity (cache 1) primary key,
    topic    text   not null,
    subject  uuid   not null,
    stream   text   not null,
    sequence bigint not null,
    at       timestamptz not null default now()
);

create table chassis.positions (
    topic       text    not null,
    partition   integer not null,
    next_offset bigint  not null check (next_offset >= 0),
    last_id     uuid,
    primary key (topic, partition)
);
comment on column chassis.positions.last_id is 'id of the record before next_offset; null when unknown';

-- Partitions whose log holds own words that the database does not: no acting until each is read to its end.
create table chassis.recoveries (
    topic      text    not null,
    partition  integer not null,
    end_offset bigint  not null,
    since      timestamptz not null default now(),
    primary key (topic, partition)
);

create table chassis.parked (
    id         bigint generated always as identity primary key,
    topic      text    not null,
    partition  integer not null,
    "offset"   bigint  not null,
    subject    uuid,
    sequence   bigint,
    reason     text    not null,
    detail     text    not null,
    record_key bytea   not null,
    headers    text    not null,
    value      bytea,
    at         timestamptz not null default now(),
    unique (topic, partition, "offset")
);
create index parked_subject on chassis.parked (subject) where subject is not null;

create table chassis.requests (
    principal  text        not null,
    method     text        not null,
    request_id text        not null,
    body_hash  bytea       not null,
    response   bytea       not null,
    at         timestamptz not null default now(),
    primary key (principal, method, request_id)
);
create index requests_at on chassis.requests using brin (at);

-- The next due instant of each subject this service owns: a projection of the state that wakes the writer.
create table chassis.deadlines (
    subject    uuid primary key,
    space      text        not null,
    due        timestamptz not null,
    attempts   integer     not null default 0,
    not_before timestamptz not null default '-infinity'
);
create index deadlines_due on chassis.deadlines (space, due);

create table chassis.clocks (
    space text primary key,
    now   timestamptz not null
);
