-- A fact is a function of the stored case: it is computed when it is asked for. The release before still writes and reads the table; the
-- release after drops it.
comment on table analytics.facts is 'not kept any more: see chassis.subjects';
