-- Statistics only of what a condition names, and of keys from a small sample: rows are found by key and plans are fixed, while a young
-- database is analysed every minute.
alter table chassis.subjects
    alter column subject set statistics 10,
    alter column space set statistics 0,
    alter column state_format set statistics 0,
    alter column version set statistics 10,
    alter column last_id set statistics 0,
    alter column chain set statistics 0,
    alter column seen set statistics 0,
    alter column state set statistics 0,
    alter column step_pending set statistics 10,
    alter column waiting set statistics 0,
    alter column blocked set statistics 10;
alter table chassis.events
    alter column subject set statistics 10,
    alter column stream set statistics 10,
    alter column sequence set statistics 10,
    alter column id set statistics 0,
    alter column source set statistics 10,
    alter column type set statistics 0,
    alter column time set statistics 10,
    alter column traceparent set statistics 0,
    alter column chain set statistics 0,
    alter column value set statistics 0;
alter table chassis.requests
    alter column principal set statistics 10,
    alter column method set statistics 10,
    alter column request_id set statistics 10,
    alter column body_hash set statistics 0,
    alter column response set statistics 0,
    alter column at set statistics 10;
