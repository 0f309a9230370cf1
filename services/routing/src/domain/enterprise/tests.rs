//! Every status against every act.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;

const ALL_ONES: FiveOnes = FiveOnes {
    fixed_place: true,
    staff: true,
    computer: true,
    telephone: true,
    rules: true,
};

fn application() -> Application {
    Application {
        uscc: Uscc::parse("91110000600037341L").unwrap(),
        name: "Example".into(),
        region: RegionCode::parse("AL").unwrap(),
        industry: "retail".into(),
        five_ones: ALL_ONES,
        delegate: None,
        synthetic: true,
    }
}

fn enterprise(status: Status) -> Enterprise {
    Enterprise {
        application: application(),
        status,
        version: 4,
        registered_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn every_status_takes_the_acts_of_the_table_and_no_other() {
    use Status::{Admitted, Applied, Removed, Suspended};
    let rows = [
        (Applied, Act::Admit, Ok(Admitted)),
        (Admitted, Act::Admit, Err(Refusal::AlreadyAdmitted)),
        (Suspended, Act::Admit, Ok(Admitted)),
        (Removed, Act::Admit, Err(Refusal::Removed)),
        (Applied, Act::Suspend, Err(Refusal::NotAdmitted(Applied))),
        (Admitted, Act::Suspend, Ok(Suspended)),
        (Suspended, Act::Suspend, Err(Refusal::AlreadySuspended)),
        (Removed, Act::Suspend, Err(Refusal::Removed)),
        (Applied, Act::Remove, Ok(Removed)),
        (Admitted, Act::Remove, Ok(Removed)),
        (Suspended, Act::Remove, Ok(Removed)),
        (Removed, Act::Remove, Err(Refusal::Removed)),
        (
            Removed,
            Act::Register(application()),
            Err(Refusal::Exists(Removed)),
        ),
        (
            Applied,
            Act::Register(application()),
            Err(Refusal::Exists(Applied)),
        ),
    ];
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
    for (status, act, expected) in rows {
        let before = enterprise(status);
        let after = decide(Some(&before), &act, now);
        assert_eq!(
            after
                .as_ref()
                .map(|after| after.status)
                .map_err(Clone::clone),
            expected,
            "{status} {act:?}"
        );
        if let Ok(after) = after {
            assert_eq!(
                (after.version, after.updated_at, after.registered_at),
                (5, now, before.registered_at)
            );
            assert_eq!(after.application, before.application);
        }
    }
}

#[test]
fn nobody_is_admitted_suspended_or_removed_before_they_apply() {
    for act in [Act::Admit, Act::Suspend, Act::Remove] {
        assert_eq!(
            decide(None, &act, Utc::now()),
            Err(Refusal::Unknown),
            "{act:?}"
        );
    }
    let first = decide(None, &Act::Register(application()), DateTime::UNIX_EPOCH).unwrap();
    assert_eq!((first.status, first.version), (Status::Applied, 1));
}

#[test]
fn admission_names_every_one_that_is_missing() {
    let mut applied = enterprise(Status::Applied);
    applied.application.five_ones = FiveOnes {
        staff: true,
        ..FiveOnes::default()
    };
    let missing = vec!["fixed_place", "computer", "telephone", "rules"];
    assert_eq!(
        decide(Some(&applied), &Act::Admit, Utc::now()),
        Err(Refusal::FiveOnesMissing(missing))
    );
}

#[test]
fn a_clock_that_stands_behind_does_not_turn_a_record_back() {
    let mut admitted = enterprise(Status::Admitted);
    admitted.updated_at = DateTime::UNIX_EPOCH + TimeDelta::days(2);
    let suspended = decide(Some(&admitted), &Act::Suspend, DateTime::UNIX_EPOCH).unwrap();
    assert_eq!(suspended.updated_at, admitted.updated_at);
}
