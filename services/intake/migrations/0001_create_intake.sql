-- What intake keeps beside the case rows: who the parties are, what lists and progress codes are looked up by, evidence metadata.
create schema if not exists intake;

-- One row per case: a projection that can be built again from the events and the progress key.
create table intake.complaints (
    subject         uuid primary key,
    space           text        not null,
    case_number     text        not null,
    party_ref       text        not null,
    consumer_region text,
    filed_at        timestamptz not null,
    state           smallint    not null,
    progress_hash   bytea       not null check (octet_length(progress_hash) = 32)
) with (fillfactor = 80);
comment on column intake.complaints.state is 'number of the state on the wire; in no index, so that a change stays on its page';
comment on column intake.complaints.progress_hash is 'SHA-256 of the progress code; the code itself is kept nowhere';
create index complaints_party on intake.complaints (space, party_ref, filed_at, subject);
create index complaints_region on intake.complaints (space, consumer_region, filed_at, subject);
create index complaints_filed on intake.complaints (space, filed_at, subject);
create unique index complaints_progress on intake.complaints (progress_hash);

-- Personal data, and only here: sealed column by column under the key of `key_version` (0: no key yet, as it is).
create table intake.parties (
    subject         uuid primary key,
    key_version     smallint not null,
    complainant     bytea    not null,
    representatives bytea,
    respondent      bytea    not null
);

create table intake.evidence (
    id         uuid primary key,
    subject    uuid        not null,
    hash       bytea       not null check (octet_length(hash) = 32),
    media_type text        not null,
    size_bytes bigint      not null check (size_bytes > 0),
    side       smallint    not null,
    added_at   timestamptz not null
);
create index evidence_subject on intake.evidence (subject);

-- Serials of case numbers, handed out in blocks of 512; gaps are allowed.
create sequence intake.case_serials as bigint increment by 512 start with 1 cache 1;
