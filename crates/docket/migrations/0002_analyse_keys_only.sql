-- Texts are found by their id or their case: no statistics of the rest.
alter table docket.texts
    alter column id set statistics 10,
    alter column subject set statistics 10,
    alter column salt set statistics 0,
    alter column body set statistics 0;
