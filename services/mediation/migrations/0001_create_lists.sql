-- Where each case stands in lists. The cases themselves are chassis.subjects, their events chassis.events.
create schema if not exists mediation;

-- A row changes only when one of these three does, so an answer or an offer writes nothing here.
create table mediation.cases (
    case_id    uuid primary key,
    state      smallint    not null check (state > 0),
    enterprise text,
    due_at     timestamptz not null
);
comment on column mediation.cases.state is 'number of odr.case.v1.CaseStateKind';
comment on column mediation.cases.enterprise is 'credit code of who negotiates or negotiated, else of the respondent of a case at an authority';
comment on column mediation.cases.due_at is 'when the clock of the state is due, passed or not; 9999-12-31 when none runs';
create index cases_due on mediation.cases (state, due_at, case_id);
create index cases_enterprise_due on mediation.cases (enterprise, state, due_at, case_id) where enterprise is not null;

-- The complainant and the representatives: written with the filing, never again.
create table mediation.parties (
    party   text not null,
    case_id uuid not null,
    primary key (party, case_id)
);

-- What officials list: held by an authority, held below it, at or below it. Only cases an authority holds or received have rows.
create table mediation.oversight (
    case_id uuid        not null,
    scope   text        not null,
    state   smallint    not null check (state > 0),
    due_at  timestamptz not null,
    primary key (case_id, scope)
);
comment on column mediation.oversight.scope is 'A: held by A; B/A: held by A, below B; B/: at or below B';
create index oversight_due on mediation.oversight (scope, state, due_at, case_id);
