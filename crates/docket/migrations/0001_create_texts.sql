-- Free texts stay in the database of the service that took them; events carry the id and a salted hash.
create schema if not exists docket;

create table docket.texts (
    id      uuid primary key,
    subject uuid  not null,
    salt    bytea not null check (octet_length(salt) = 16),
    body    text  not null
);
create index texts_subject on docket.texts (subject);
