-- The registry this service is the source of, and two small projections of the cases.
create schema if not exists routing;

create table routing.enterprises (
    uscc          text collate "C" primary key check (length(uscc) = 18),
    name          text        not null,
    name_key      text collate "C" not null,
    region        text        not null,
    industry      text        not null,
    status        text        not null check (status in ('applied', 'admitted', 'suspended', 'removed')),
    fixed_place   boolean     not null,
    staff         boolean     not null,
    computer      boolean     not null,
    telephone     boolean     not null,
    rules         boolean     not null,
    delegate_uscc text,
    synthetic     boolean     not null,
    version       bigint      not null check (version > 0),
    chain         bytea       not null check (octet_length(chain) = 32),
    registered_at timestamptz not null,
    updated_at    timestamptz not null
);
comment on column routing.enterprises.name_key is 'the name in lower case: names are looked up by their beginning, in this order';
comment on column routing.enterprises.chain is 'chain value of the event that carried this version';
create index enterprises_name_key on routing.enterprises (name_key, uscc);

-- Why an enterprise was suspended or removed: in words, so in no event.
create table routing.status_reasons (
    uscc    text collate "C" not null,
    version bigint           not null,
    body    text             not null,
    at      timestamptz      not null,
    primary key (uscc, version)
);

-- What was last published of each authority of the directory.
create table routing.authorities (
    id      text collate "C" primary key,
    version bigint not null check (version > 0),
    chain   bytea  not null check (octet_length(chain) = 32),
    content bytea  not null
);
comment on column routing.authorities.content is 'the encoded record without its versions: another content is another version';

-- Cases that wait for a hand.
create table routing.held_cases (
    subject uuid primary key,
    holder  text collate "C" not null,
    due_at  timestamptz not null
);
create index held_cases_due on routing.held_cases (due_at, subject);
create index held_cases_holder on routing.held_cases (holder, due_at, subject);

-- Cases that matter to later ones of the same dispute: ODR failed in them, or they name an earlier case.
create table routing.disputes (
    subject    uuid primary key,
    prior_case uuid,
    odr_failed boolean not null
);
