//! Lists: who sees what, filters, order, and pages that stay put while cases come and go. On a stepped clock.

use chrono::{DateTime, TimeDelta, Utc};
use proto::mediation::v1::{CaseSummary, ListCasesRequest, ListCasesResponse};
use proto::v1::{CaseStateKind, OutcomeKind, RefusalGround};
use proto::wire;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::mediating::mediated;
use crate::support::asking::by;
use crate::support::elsewhere::due;
use crate::support::people::*;
use crate::support::samples::{
    TUESDAY, filing, filing_of, instant, to_authority, to_enterprise, to_hold,
};
use crate::support::{Stage, ask, forbidden, give, reason};

/// Cases of every kind, by name.
struct Cast {
    cases: Vec<(&'static str, Uuid)>,
}

impl Cast {
    async fn of(stage: &Stage) -> Self {
        let start = instant(TUESDAY);
        let mut cases = vec![("talks", stage.negotiating().await)];
        stage.set_clock(start + TimeDelta::days(1)).await;
        let other = stage.filed(filing_of("party-8")).await;
        stage.routed(other, to_enterprise(RESPONDENT_CODE)).await;
        let held = stage.filed(filing()).await;
        stage.routed(held, to_hold()).await;
        stage.set_clock(start + TimeDelta::days(2)).await;
        let second = stage.filed(filing_of("party-8")).await;
        stage.routed(second, to_authority("county-2")).await;
        let returned = stage.at_county().await;
        let back = ask!(
            returned,
            ReturnCaseRequest {
                reason: proto::v1::ReturnReason::NotCompetent.into()
            }
        );
        give!(stage, COUNTY, return_case, back).unwrap();
        let refused = stage.at_county().await;
        let ground = RefusalGround::AlreadyHandled.into();
        let refuse = ask!(
            refused,
            RefuseComplaintRequest {
                ground: ground,
                text: "decided".to_owned()
            }
        );
        give!(stage, COUNTY, refuse_complaint, refuse).unwrap();
        cases.extend([
            ("filed", stage.filed(filing()).await),
            ("other talks", other),
            ("held", held),
            ("county", stage.at_county().await),
            ("county 2", second),
            ("returned", returned),
            ("mediated", mediated(stage).await),
            ("refused", refused),
        ]);
        Self { cases }
    }

    fn names(&self, listed: &[CaseSummary]) -> Vec<&'static str> {
        let name = |row: &CaseSummary| {
            let found = self
                .cases
                .iter()
                .find(|(_, id)| id.to_string() == row.case_id);
            found.expect("a case of the cast").0
        };
        listed.iter().map(name).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_caller_lists_their_own_in_the_order_they_fall_due() {
    let stage = Stage::stepped().await;
    let cast = Cast::of(&stage).await;
    let everything = ListCasesRequest::default;
    let of_enterprise = |code: &str| ListCasesRequest {
        enterprise: code.to_owned(),
        ..everything()
    };
    let held_by = |name: &str| ListCasesRequest {
        authority: name.to_owned(),
        ..everything()
    };
    let in_states = |states: &[CaseStateKind]| ListCasesRequest {
        states: states.iter().map(|state| (*state).into()).collect(),
        ..everything()
    };
    let before = |at: DateTime<Utc>| ListCasesRequest {
        due_before: Some(wire::timestamp(at)),
        ..everything()
    };
    let talks = [CaseStateKind::InNegotiation, CaseStateKind::InNegotiation];
    let talks_end = due(&stage.case_at(cast.cases[0].1, 0).await);
    let rows: Vec<(&str, ListCasesRequest, &[&str])> = vec![
        (ENTERPRISE, everything(), &["talks"]),
        (ENTERPRISE, of_enterprise(ENTERPRISE_CODE), &["talks"]),
        // The respondent sees what an authority received, but not what is only filed or held.
        (
            RESPONDENT,
            everything(),
            &[
                "returned",
                "county 2",
                "county",
                "other talks",
                "mediated",
                "refused",
            ],
        ),
        (RESPONDENT, in_states(&talks), &["other talks"]),
        (RESPONDENT, held_by("county-2"), &["county 2"]),
        (OTHER_ENTERPRISE, everything(), &[]),
        (
            CONSUMER,
            everything(),
            &[
                "held", "returned", "county", "talks", "mediated", "filed", "refused",
            ],
        ),
        (REPRESENTATIVE, held_by("county-1"), &["county", "mediated"]),
        (CONSUMER, of_enterprise(ENTERPRISE_CODE), &["talks"]),
        (
            "consumer/-/party-8",
            everything(),
            &["county 2", "other talks"],
        ),
        (STRANGER, everything(), &[]),
        (
            COUNTY,
            everything(),
            &["returned", "county", "mediated", "refused"],
        ),
        (COUNTY, held_by("county-1"), &["county", "mediated"]),
        (COUNTY, held_by("county-2"), &[]),
        (COUNTY, of_enterprise(ENTERPRISE_CODE), &[]),
        (
            CITY,
            everything(),
            &["held", "returned", "county", "mediated", "refused"],
        ),
        (CITY, held_by("city-1"), &["held", "returned"]),
        (CITY, held_by("county-1"), &["county", "mediated"]),
        (CITY, held_by("county-2"), &[]),
        (
            STATE,
            everything(),
            &["returned", "county 2", "county", "mediated", "refused"],
        ),
        (STATE, held_by("county-2"), &["county 2"]),
        (STATE, held_by("city-1"), &["returned"]),
        (
            OPERATOR,
            everything(),
            &[
                "held",
                "returned",
                "county 2",
                "county",
                "talks",
                "other talks",
                "mediated",
                "filed",
                "refused",
            ],
        ),
        (OPERATOR, held_by("city-1"), &["held", "returned"]),
        (
            OPERATOR,
            of_enterprise(RESPONDENT_CODE),
            &[
                "returned",
                "county 2",
                "county",
                "other talks",
                "mediated",
                "refused",
            ],
        ),
        (
            OPERATOR,
            in_states(&[CaseStateKind::Closed, CaseStateKind::Filed]),
            &["filed", "refused"],
        ),
        (
            OPERATOR,
            before(talks_end),
            &["held", "returned", "county 2", "county"],
        ),
        (
            OPERATOR,
            before(talks_end + TimeDelta::microseconds(1)),
            &["held", "returned", "county 2", "county", "talks"],
        ),
        (
            CITY,
            ListCasesRequest {
                due_before: before(talks_end).due_before,
                ..held_by("county-1")
            },
            &["county"],
        ),
    ];
    for (who, request, expected) in rows {
        let shown = format!("{who} {request:?}");
        let page = list(&stage, who, request).await.unwrap();
        let mut names = cast.names(&page.cases);
        let mut expected = expected.to_vec();
        // Equal due instants go by case id.
        let dues: Vec<_> = page
            .cases
            .iter()
            .map(|row| row.due_date.as_ref().map(|date| date.due.clone()))
            .collect();
        assert!(
            dues.windows(2).all(|pair| in_order(&pair[0], &pair[1])),
            "{shown}: {dues:?}"
        );
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected, "{shown}");
        assert_eq!(page.next_page_token, "", "{shown}");
    }
    // What an authority let go is no longer kept among what it holds.
    let kept = "select scope from mediation.oversight where case_id = $1 order by scope";
    for (name, expected) in [
        ("refused", &["city-1/", "county-1/", "state-1/"][..]),
        (
            "returned",
            &[
                "city-1",
                "city-1/",
                "county-1/",
                "state-1/",
                "state-1/city-1",
            ],
        ),
        ("talks", &[]),
    ] {
        let (_, case) = cast.cases.iter().find(|(cast, _)| *cast == name).unwrap();
        let scopes: Vec<String> = sqlx::query_scalar(kept)
            .bind(case)
            .fetch_all(&stage.pool)
            .await
            .unwrap();
        assert_eq!(scopes, expected, "{name}");
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_lists_what_is_not_theirs() {
    let stage = Stage::stepped().await;
    for (who, enterprise, why) in [
        (ENTERPRISE, RESPONDENT_CODE, "NOT_PARTY_TO_CASE"),
        (STAFF, "", "ACTOR_NOT_PERMITTED"),
        ("agency/12345/desk-1", "", "ACTOR_NOT_PERMITTED"),
    ] {
        let request = ListCasesRequest {
            enterprise: enterprise.to_owned(),
            ..Default::default()
        };
        assert_eq!(
            reason(list(&stage, who, request).await),
            forbidden(why),
            "{who}"
        );
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_summary_says_what_the_case_says() {
    let stage = Stage::stepped().await;
    let cast = Cast::of(&stage).await;
    let page = list(&stage, OPERATOR, ListCasesRequest::default())
        .await
        .unwrap();
    assert_eq!(page.cases.len(), cast.cases.len());
    for summary in page.cases {
        let case = stage.case_at(summary.case_id.parse().unwrap(), 0).await;
        assert_eq!((summary.version, &summary.etag), (case.version, &case.etag));
        assert_eq!(summary.state(), case.state());
        assert_eq!(summary.due_date.as_ref(), case.due_dates.first());
        let refused = summary
            .outcome
            .is_some_and(|outcome| outcome.kind() == OutcomeKind::Refused);
        assert_eq!(refused, case.state() == CaseStateKind::Closed);
        assert_eq!(
            Some(summary.case_number),
            case.filing.map(|filing| filing.case_number)
        );
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_meet_every_case_once_while_others_come_and_go() {
    let stage = Stage::stepped().await;
    let mut first = Vec::new();
    for day in 0..7 {
        stage
            .set_clock(instant(TUESDAY) + TimeDelta::hours(12 * day))
            .await;
        first.push(stage.negotiating().await.to_string());
    }
    let request = |page_token: &str| ListCasesRequest {
        states: vec![CaseStateKind::InNegotiation.into()],
        page_size: 2,
        page_token: page_token.to_owned(),
        ..Default::default()
    };
    let mut met = Vec::new();
    let mut token = String::new();
    loop {
        let page = list(&stage, ENTERPRISE, request(&token)).await.unwrap();
        assert!(page.cases.len() <= 2);
        met.extend(page.cases.into_iter().map(|row| row.case_id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        // New cases come, and one that was met leaves the list.
        if met.len() < 6 {
            stage.negotiating().await;
            let gone: Uuid = met[met.len() - 1].parse().unwrap();
            let end = ask!(gone, EndNegotiationRequest);
            give!(stage, CONSUMER, end_negotiation, end).unwrap();
            let other = stage.filed(filing_of("party-8")).await;
            stage.routed(other, to_enterprise(RESPONDENT_CODE)).await;
        }
    }
    let mut once = met.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), met.len(), "a case was met twice");
    assert!(
        first.iter().all(|case| met.contains(case)),
        "a case was passed over"
    );

    // A token is for the same caller and the same filters.
    let page = list(&stage, ENTERPRISE, request("")).await.unwrap();
    let other_filter = ListCasesRequest {
        states: Vec::new(),
        ..request(&page.next_page_token)
    };
    for (who, request) in [
        (ENTERPRISE, other_filter),
        (OPERATOR, request(&page.next_page_token)),
        (ENTERPRISE, request("7")),
    ] {
        let refused = list(&stage, who, request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{who}");
    }
    stage.close().await;
}

async fn list(
    stage: &Stage,
    who: &str,
    request: ListCasesRequest,
) -> Result<ListCasesResponse, Status> {
    let answer = stage.client().list_cases(by(who, request)).await;
    answer.map(tonic::Response::into_inner)
}

type DueOf = Option<Option<proto::v1::Due>>;

/// What never falls due comes last.
fn in_order(earlier: &DueOf, later: &DueOf) -> bool {
    let at = |due: &DueOf| {
        let due = due.as_ref()?.as_ref()?;
        wire::instant(due.at.as_ref()?)
    };
    match (at(earlier), at(later)) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(earlier), Some(later)) => earlier <= later,
    }
}
