-- What figures are made of: one fact a case, and the sums over facts that every figure reads.
create schema if not exists analytics;

-- One row a case. Figures never read it: it answers for one case, and the rollups can be counted again from it.
create table analytics.facts (
    case_id         uuid primary key,
    case_number     text     not null,
    version         bigint   not null check (version > 0),
    event_count     bigint   not null check (event_count >= version),
    filed_on        date     not null,
    enterprise      text     not null,
    authority       text     not null,
    problem         text     not null,
    category        text     not null,
    state           smallint not null check (state > 0),
    outcome         smallint not null check (outcome between 0 and 6),
    ground          smallint not null,
    performed       smallint not null,
    settlement_kind smallint not null,
    stars           smallint not null check (stars between 0 and 5),
    recovered_fen   bigint   not null check (recovered_fen >= 0),
    held            boolean  not null,
    self_settled    boolean  not null,
    milestones      bytea    not null
) with (fillfactor = 80);
comment on column analytics.facts.filed_on is 'day of filing at +08:00';
comment on column analytics.facts.enterprise is 'credit code of who negotiates or negotiated, else of the respondent; empty when neither is known';
comment on column analytics.facts.authority is 'id of the last authority that received the case; empty when none did';
comment on column analytics.facts.state is 'number of odr.case.v1.CaseStateKind';
comment on column analytics.facts.outcome is 'number of odr.case.v1.OutcomeKind; 0 while the case is open';
comment on column analytics.facts.ground is 'number of the refusal ground, ending ground or withdrawal reason of the outcome; 0 without one';
comment on column analytics.facts.performed is 'number of odr.case.v1.Performed; 0 while the case is open';
comment on column analytics.facts.settlement_kind is 'number of odr.analytics.v1.SettlementKind; 0 when nothing was settled';
comment on column analytics.facts.held is 'held for a hand now, or returned to a receiving unit before';
comment on column analytics.facts.self_settled is 'mediation ended because the parties settled themselves';
comment on column analytics.facts.milestones is 'odr.case.v1.Milestones';

-- Sums over the facts of one key, kept by adding differences: a change subtracts what the case was and adds what it is.
create table analytics.rollups (
    filed_on                 date     not null,
    authority                text     not null,
    enterprise               text     not null,
    category                 text     not null,
    outcome                  smallint not null,
    filed                    bigint   not null,
    direct_explanation       bigint   not null,
    direct_closed            bigint   not null,
    direct_non_monetary      bigint   not null,
    direct_monetary          bigint   not null,
    negotiated               bigint   not null,
    negotiations_ended       bigint   not null,
    negotiations_answered    bigint   not null,
    negotiations_failed      bigint   not null,
    negotiations_expired     bigint   not null,
    negotiations_silent      bigint   not null,
    escalated                bigint   not null,
    held                     bigint   not null,
    decided                  bigint   not null,
    decided_in_time          bigint   not null,
    accepted                 bigint   not null,
    mediated                 bigint   not null,
    mediations_ended         bigint   not null,
    mediations_in_time       bigint   not null,
    self_settled             bigint   not null,
    withdrawn_in_mediation   bigint   not null,
    performed_yes            bigint   not null,
    performed_partly         bigint   not null,
    performed_no             bigint   not null,
    performed_unknown        bigint   not null,
    rated                    bigint   not null,
    star_sum                 bigint   not null,
    event_count              bigint   not null,
    handling_days_sum        bigint   not null,
    recovered_fen            bigint   not null,
    primary key (filed_on, authority, enterprise, category, outcome)
) with (fillfactor = 70);
create index rollups_enterprise on analytics.rollups (enterprise, filed_on);

-- How many closed cases of a key took so many days: median and percentiles are read from counts.
create table analytics.handling_days (
    filed_on   date     not null,
    authority  text     not null,
    enterprise text     not null,
    category   text     not null,
    outcome    smallint not null,
    days       integer  not null check (days >= 0),
    cases      bigint   not null,
    primary key (filed_on, authority, enterprise, category, outcome, days)
) with (fillfactor = 80);
comment on column analytics.handling_days.days is 'calendar days at +08:00 from filing to closing';
create index handling_days_enterprise on analytics.handling_days (enterprise, filed_on);
