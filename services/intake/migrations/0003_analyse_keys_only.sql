-- Parties are found by their case: no statistics of what is sealed. Of complaints, none of the number, which no condition names, and of the hash
-- of a progress code from a small sample.
alter table intake.parties
    alter column subject set statistics 10,
    alter column key_version set statistics 10,
    alter column complainant set statistics 0,
    alter column representatives set statistics 0,
    alter column respondent set statistics 0;
alter table intake.complaints
    alter column case_number set statistics 0,
    alter column progress_hash set statistics 10;
