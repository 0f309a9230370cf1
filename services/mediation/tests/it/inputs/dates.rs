//! Instants at and beyond their limits.

use prost_types::Timestamp;
use uuid::Uuid;

use super::sent;
use crate::support::people::{CONSUMER, COUNTY, ENTERPRISE};
use crate::support::samples::refund;
use crate::support::{Stage, ask};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instants_lie_between_1990_and_9999() {
    let stage = Stage::stepped().await;
    let case = Uuid::now_v7();
    let at = |seconds: i64, nanos: i32| Some(Timestamp { seconds, nanos });
    let rows = [
        (None, false),
        (at(631_151_999, 0), false),
        (at(631_152_000, 0), true),
        (at(1_772_500_000, 999_999_999), true),
        (at(1_772_500_000, 1_000_000_000), false),
        (at(1_772_500_000, -1), false),
        (at(253_402_300_799, 0), true),
        (at(253_402_300_800, 0), false),
        (at(i64::MAX, 0), false),
        (at(i64::MIN, 0), false),
    ];
    for (at, fits) in rows {
        let text = || "x".to_owned();
        let report = ask!(
            case,
            ReportHandlingRequest {
                handled_at: at,
                course: text(),
                method: text(),
                result: text()
            }
        );
        let expected: Vec<&str> = if fits { Vec::new() } else { vec!["handled_at"] };
        assert_eq!(
            sent!(stage, ENTERPRISE, report_handling, report),
            expected,
            "{at:?}"
        );
        let session = ask!(
            case,
            ScheduleSessionRequest {
                at: at,
                place: text()
            }
        );
        let expected: Vec<&str> = if fits { Vec::new() } else { vec!["at"] };
        assert_eq!(
            sent!(stage, COUNTY, schedule_session, session),
            expected,
            "{at:?}"
        );
        let offer = ask!(
            case,
            ProposeSettlementRequest {
                terms: Some(refund()),
                valid_until: at
            }
        );
        let expected: Vec<&str> = if fits || at.is_none() {
            Vec::new()
        } else {
            vec!["valid_until"]
        };
        assert_eq!(
            sent!(stage, CONSUMER, propose_settlement, offer),
            expected,
            "{at:?}"
        );
    }
    let later = ask!(
        case,
        ScheduleSessionRequest {
            at: at(1_772_500_000, 0),
            place: "x".to_owned(),
            recusal_days: 61
        }
    );
    assert_eq!(
        sent!(stage, COUNTY, schedule_session, later),
        ["recusal_days"]
    );
    let report = ask!(case, ReportHandlingRequest);
    let all = ["handled_at", "course", "method", "result"];
    assert_eq!(
        sent!(stage, ENTERPRISE, report_handling, report),
        all,
        "all at once"
    );
    stage.close().await;
}
