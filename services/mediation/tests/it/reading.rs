//! Reading a case: who may, what they may do next, and waiting for a version.

use std::time::Duration;

use case::CommandKind;
use proto::mediation::v1::{GetCaseRequest, ListCaseEventsRequest};
use proto::wire;
use tonic::{Code, Request};
use uuid::Uuid;

use crate::mediating::mediated;
use crate::support::asking::by;
use crate::support::people::*;
use crate::support::samples::{filing, to_hold};
use crate::support::{Stage, ask, forbidden, give, reason};

/// Who reads, and whether they may.
type Reader<'a> = (&'a str, Result<(), &'a str>);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_and_its_events_are_for_its_parties_and_the_authorities_above_it() {
    let stage = Stage::stepped().await;
    let held = stage.filed(filing()).await;
    stage.routed(held, to_hold()).await;
    let party = Err("NOT_PARTY_TO_CASE");
    let holder = Err("NOT_HOLDER");
    let rows: [(&str, Uuid, Vec<Reader>); 4] = [
        (
            "filed",
            stage.filed(filing()).await,
            vec![
                (CONSUMER, Ok(())),
                (REPRESENTATIVE, Ok(())),
                (STRANGER, party),
                (RESPONDENT, party),
                (STATE, holder),
            ],
        ),
        (
            "held",
            held,
            vec![
                (CITY, Ok(())),
                (STATE, holder),
                (COUNTY, holder),
                (RESPONDENT, party),
            ],
        ),
        (
            "in negotiation",
            stage.negotiating().await,
            vec![
                (ENTERPRISE, Ok(())),
                (RESPONDENT, Ok(())),
                (OTHER_ENTERPRISE, party),
                (COUNTY, holder),
            ],
        ),
        (
            "in mediation",
            mediated(&stage).await,
            vec![
                (CONSUMER, Ok(())),
                (RESPONDENT, Ok(())),
                (ENTERPRISE, party),
                (COUNTY, Ok(())),
                (CITY, Ok(())),
                (STATE, Ok(())),
                (OTHER_COUNTY, holder),
                (OPERATOR, Ok(())),
                (STAFF, Err("ACTOR_NOT_PERMITTED")),
                ("agency/12345/desk-1", Err("ACTOR_NOT_PERMITTED")),
            ],
        ),
    ];
    for (name, case, callers) in rows {
        for (who, expected) in callers {
            let get = GetCaseRequest {
                case_id: case.to_string(),
                min_version: 0,
            };
            let list = ListCaseEventsRequest {
                case_id: case.to_string(),
                ..Default::default()
            };
            let read = stage.client().get_case(by(who, get)).await.map(drop);
            let listed = stage
                .client()
                .list_case_events(by(who, list))
                .await
                .map(drop);
            for answer in [read, listed] {
                match expected {
                    Ok(()) => assert!(answer.is_ok(), "{name} {who}: {answer:?}"),
                    Err(why) => assert_eq!(reason(answer), forbidden(why), "{name} {who}"),
                }
            }
        }
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_reader_learns_what_they_may_do_next() {
    use CommandKind::*;
    let stage = Stage::stepped().await;
    let (talks, at_county, mediation) = (
        stage.negotiating().await,
        stage.at_county().await,
        mediated(&stage).await,
    );
    let rows: Vec<(&str, Uuid, Vec<CommandKind>)> = vec![
        (
            ENTERPRISE,
            talks,
            vec![
                AcknowledgeNegotiation,
                AnswerNegotiation,
                ProposeSettlement,
                ReportHandling,
                DeclineNegotiation,
                AddEvidence,
            ],
        ),
        (
            CONSUMER,
            talks,
            vec![
                ProposeSettlement,
                EndNegotiation,
                RequestWithdrawal,
                AddEvidence,
            ],
        ),
        (
            COUNTY,
            at_county,
            vec![AcceptComplaint, RefuseComplaint, ReturnCase],
        ),
        (CITY, at_county, vec![]),
        (
            COUNTY,
            mediation,
            vec![
                ProposeSettlement,
                ScheduleSession,
                EndMediation,
                RecordSelfSettlement,
            ],
        ),
        (OPERATOR, mediation, vec![]),
    ];
    for (who, case, expected) in rows {
        let get = GetCaseRequest {
            case_id: case.to_string(),
            min_version: 0,
        };
        let read = stage
            .client()
            .get_case(by(who, get))
            .await
            .unwrap()
            .into_inner();
        let allowed: Vec<CommandKind> = read
            .allowed_commands
            .iter()
            .map(|number| wire::listed(*number).unwrap())
            .collect();
        assert_eq!(allowed, expected, "{who}");
    }
    let acknowledge = ask!(talks, AcknowledgeNegotiationRequest);
    give!(stage, ENTERPRISE, acknowledge_negotiation, acknowledge).unwrap();
    let get = GetCaseRequest {
        case_id: talks.to_string(),
        min_version: 3,
    };
    let read = stage
        .client()
        .get_case(by(ENTERPRISE, get))
        .await
        .unwrap()
        .into_inner();
    assert!(
        !read
            .allowed_commands
            .contains(&wire::number(AcknowledgeNegotiation))
    );
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_is_waited_for_within_the_deadline() {
    let stage = Stage::stepped().await;
    let case = stage.negotiating().await;
    let unknown = Uuid::now_v7();
    for (case, min_version, code) in [
        (case, 3, Code::Unavailable),
        (unknown, 1, Code::Unavailable),
        (unknown, 0, Code::NotFound),
    ] {
        let get = GetCaseRequest {
            case_id: case.to_string(),
            min_version,
        };
        let list = ListCaseEventsRequest {
            case_id: case.to_string(),
            min_version,
            ..Default::default()
        };
        let mut act = ask!(case, AcknowledgeNegotiationRequest);
        act.min_version = min_version;
        let mut client = stage.client();
        let read = client.get_case(soon(get)).await;
        assert_eq!(read.unwrap_err().code(), code);
        let listed = client.list_case_events(soon(list)).await;
        assert_eq!(listed.unwrap_err().code(), code);
        let acted = client.acknowledge_negotiation(soon(act)).await;
        assert_eq!(acted.unwrap_err().code(), code);
    }
    stage.close().await;
}

/// A request of the enterprise that does not wait long.
fn soon<R>(message: R) -> Request<R> {
    let mut request = by(ENTERPRISE, message);
    request.set_timeout(Duration::from_millis(400));
    request
}
