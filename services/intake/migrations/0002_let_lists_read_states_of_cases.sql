-- A list reads the states of its complaints from the cases themselves, so that an event changes no row here. The release before still
-- writes and reads the column; the release after drops it.
alter table intake.complaints alter column state drop not null;
comment on column intake.complaints.state is 'not kept any more: null';
