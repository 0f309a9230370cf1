//! The registry: an enterprise's way, who may do what, lists, records on the log.

use chassis::envelope::{Envelope, GENESIS};
use chassis::store::events;
use prost::Message as _;
use proto::routing::v1::{
    AdmitEnterpriseRequest, Enterprise, EnterpriseRecorded, EnterpriseStatus, FiveOnes,
    GetEnterpriseRequest, ListEnterprisesRequest, RegisterEnterpriseRequest,
    RemoveEnterpriseRequest, SuspendEnterpriseRequest,
};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use super::support::asking::Client;
use super::support::samples::{application, uscc};
use super::support::{ALABAMA, CONSUMER, FEDERAL, OPERATOR, Town, by, fresh, refusal, twice};

type Answer = Result<Response<Enterprise>, Status>;

async fn register(mut client: Client, request: Request<RegisterEnterpriseRequest>) -> Answer {
    client.register_enterprise(request).await
}

async fn admit(mut client: Client, request: Request<AdmitEnterpriseRequest>) -> Answer {
    client.admit_enterprise(request).await
}

async fn suspend(mut client: Client, request: Request<SuspendEnterpriseRequest>) -> Answer {
    client.suspend_enterprise(request).await
}

async fn remove(mut client: Client, request: Request<RemoveEnterpriseRequest>) -> Answer {
    client.remove_enterprise(request).await
}

fn admission(n: u32) -> AdmitEnterpriseRequest {
    AdmitEnterpriseRequest {
        request_id: fresh(),
        uscc: uscc(n),
        etag: String::new(),
    }
}

fn suspension(n: u32) -> SuspendEnterpriseRequest {
    SuspendEnterpriseRequest {
        request_id: fresh(),
        uscc: uscc(n),
        etag: String::new(),
        reason: "slow answers".to_owned(),
    }
}

fn removal(n: u32) -> RemoveEnterpriseRequest {
    RemoveEnterpriseRequest {
        request_id: fresh(),
        uscc: uscc(n),
        etag: String::new(),
        reason: "left the market".to_owned(),
    }
}

async fn get(town: &Town, code: String) -> Result<Enterprise, Status> {
    town.client()
        .get_enterprise(by(CONSUMER, GetEnterpriseRequest { uscc: code }))
        .await
        .map(Response::into_inner)
}

fn precondition(reason: &str) -> (Code, String) {
    (Code::FailedPrecondition, reason.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_applies_is_admitted_suspended_admitted_again_and_removed() {
    let town = Town::start().await;
    assert_eq!(refusal(get(&town, uscc(1)).await).0, Code::NotFound);
    assert_eq!(
        refusal(twice(&town, ALABAMA, admission(1), admit).await).0,
        Code::NotFound
    );
    let first = twice(&town, ALABAMA, application(1), register)
        .await
        .unwrap();
    assert_eq!(
        (first.status(), first.version, first.etag.as_str()),
        (EnterpriseStatus::Applied, 1, "1")
    );
    assert_eq!(
        refusal(twice(&town, ALABAMA, application(1), register).await),
        precondition("ENTERPRISE_EXISTS")
    );
    assert_eq!(
        refusal(twice(&town, ALABAMA, suspension(1), suspend).await),
        precondition("NOT_ADMITTED")
    );

    let second = twice(&town, ALABAMA, admission(1), admit).await.unwrap();
    assert_eq!(
        (second.status(), second.version),
        (EnterpriseStatus::Admitted, 2)
    );
    assert_eq!(
        refusal(twice(&town, ALABAMA, admission(1), admit).await),
        precondition("ALREADY_ADMITTED")
    );
    let stale = SuspendEnterpriseRequest {
        etag: first.etag,
        ..suspension(1)
    };
    assert_eq!(
        refusal(twice(&town, FEDERAL, stale, suspend).await),
        (Code::Aborted, "ETAG_MISMATCH".to_owned())
    );

    let seen = SuspendEnterpriseRequest {
        etag: second.etag,
        ..suspension(1)
    };
    assert_eq!(
        twice(&town, FEDERAL, seen.clone(), suspend)
            .await
            .unwrap()
            .version,
        3
    );
    let reused = SuspendEnterpriseRequest {
        reason: "another".to_owned(),
        ..seen
    };
    assert_eq!(
        refusal(twice(&town, FEDERAL, reused, suspend).await),
        (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned())
    );
    assert_eq!(
        refusal(twice(&town, FEDERAL, suspension(1), suspend).await),
        precondition("ALREADY_SUSPENDED")
    );
    assert_eq!(
        twice(&town, OPERATOR, admission(1), admit)
            .await
            .unwrap()
            .version,
        4
    );
    let last = twice(&town, FEDERAL, removal(1), remove).await.unwrap();
    assert_eq!(
        (last.status(), last.version),
        (EnterpriseStatus::Removed, 5)
    );
    assert_eq!(
        refusal(twice(&town, FEDERAL, removal(1), remove).await),
        precondition("ENTERPRISE_REMOVED")
    );
    assert_eq!(
        refusal(twice(&town, FEDERAL, admission(1), admit).await),
        precondition("ENTERPRISE_REMOVED")
    );
    assert_eq!(
        refusal(twice(&town, FEDERAL, application(1), register).await),
        precondition("ENTERPRISE_EXISTS")
    );
    assert_eq!(get(&town, uscc(1)).await.unwrap(), last);
    assert_eq!(
        town.count("select count(*) from routing.status_reasons")
            .await,
        2
    );
    records_lead_to(&town, &last).await;
    town.close().await;
}

/// The log holds every version as a full record, chained, without a word of why.
async fn records_lead_to(town: &Town, last: &Enterprise) {
    let subject: Uuid = sqlx::query_scalar("select subject from chassis.events where type = 'odr.routing.v1.EnterpriseRecorded' limit 1")
        .fetch_one(&town.pool)
        .await
        .unwrap();
    let mut connection = town.pool.acquire().await.unwrap();
    let mut records: Vec<Envelope> = events::of_subject(&mut connection, subject, 0, 100)
        .await
        .unwrap();
    records.sort_by_key(|record| record.sequence);
    let mut chain = GENESIS;
    for (place, record) in records.iter().enumerate() {
        assert_eq!(record.sequence, place as u64 + 1);
        assert_eq!(record.chain, record.chain_after(&chain));
        chain = record.chain;
        let bytes = String::from_utf8_lossy(&record.value).into_owned();
        assert!(
            !bytes.contains("slow answers") && !bytes.contains("left the market"),
            "{bytes}"
        );
    }
    let newest = EnterpriseRecorded::decode(records.last().unwrap().value.as_ref()).unwrap();
    assert_eq!(newest.enterprise.as_ref(), Some(last));
    let meta = newest.meta.unwrap();
    assert_eq!(
        (meta.space.as_str(), meta.actor.unwrap().org.as_deref()),
        ("main", Some("US-FED"))
    );
    assert_eq!(meta.recorded_at, last.updated_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_authorities_and_the_operator_keep_the_registry() {
    let town = Town::start().await;
    let enterprise = format!("enterprise/{}/clerk-1", uscc(1));
    for who in [CONSUMER, "agency/12345", &enterprise] {
        let rows = [
            refusal(twice(&town, who, application(1), register).await),
            refusal(twice(&town, who, admission(1), admit).await),
            refusal(twice(&town, who, suspension(1), suspend).await),
            refusal(twice(&town, who, removal(1), remove).await),
        ];
        for row in rows {
            assert_eq!(
                row,
                (Code::PermissionDenied, "ACTOR_NOT_PERMITTED".to_owned()),
                "{who}"
            );
        }
    }
    for (n, who) in [(1, ALABAMA), (2, "staff/US-AL/clerk"), (3, OPERATOR)] {
        twice(&town, who, application(n), register).await.unwrap();
        twice(&town, who, admission(n), admit).await.unwrap();
    }
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admission_asks_for_all_of_the_five_ones() {
    let town = Town::start().await;
    let bare = RegisterEnterpriseRequest {
        five_ones: Some(FiveOnes {
            staff: true,
            ..FiveOnes::default()
        }),
        ..application(1)
    };
    twice(&town, ALABAMA, bare, register).await.unwrap();
    let answer = twice(&town, ALABAMA, admission(1), admit).await;
    let info =
        tonic_types::StatusExt::get_details_error_info(&answer.clone().unwrap_err()).unwrap();
    assert_eq!(
        info.metadata["missing"],
        "fixed_place,computer,telephone,rules"
    );
    assert_eq!(refusal(answer), precondition("FIVE_ONES_MISSING"));
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_of_one_request_at_the_same_time_are_carried_out_once() {
    let town = Town::start().await;
    let request = application(1);
    let mut tasks = Vec::new();
    for _ in 0..8 {
        tasks.push(tokio::spawn(register(
            town.client(),
            by(ALABAMA, request.clone()),
        )));
    }
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().into_inner().version, 1);
    }
    let mut tasks = Vec::new();
    for _ in 0..8 {
        tasks.push(tokio::spawn(admit(
            town.client(),
            by(ALABAMA, admission(1)),
        )));
    }
    let mut taken = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => taken += 1,
            refused => assert_eq!(refusal(refused), precondition("ALREADY_ADMITTED")),
        }
    }
    assert_eq!(taken, 1);
    assert_eq!(get(&town, uscc(1)).await.unwrap().version, 2);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enterprises_are_found_by_the_beginning_of_their_names() {
    let town = Town::start().await;
    let names = [
        "Ätna Bank",
        "Acme 100% Loans",
        "ACME_Cards",
        "acme",
        "Beta",
        "北京银行",
        "北京电信",
    ];
    for (n, name) in (1..).zip(names) {
        twice(
            &town,
            OPERATOR,
            RegisterEnterpriseRequest {
                name: name.to_owned(),
                ..application(n)
            },
            register,
        )
        .await
        .unwrap();
    }
    for n in [2, 3] {
        twice(&town, OPERATOR, admission(n), admit).await.unwrap();
    }
    let (any, admitted) = (EnterpriseStatus::Unspecified, EnterpriseStatus::Admitted);
    let rows: [(&str, EnterpriseStatus, &[&str]); 9] = [
        (
            "",
            any,
            &[
                "acme",
                "Acme 100% Loans",
                "ACME_Cards",
                "Beta",
                "Ätna Bank",
                "北京电信",
                "北京银行",
            ],
        ),
        ("acme", any, &["acme", "Acme 100% Loans", "ACME_Cards"]),
        ("Acme", admitted, &["Acme 100% Loans", "ACME_Cards"]),
        ("acme_", any, &["ACME_Cards"]),
        ("acme 100%", any, &["Acme 100% Loans"]),
        ("%", any, &[]),
        ("ä", any, &["Ätna Bank"]),
        ("北京", any, &["北京电信", "北京银行"]),
        ("c", admitted, &[]),
    ];
    for (prefix, status, expected) in rows {
        for page_size in [1, 2, 0] {
            assert_eq!(
                names_found(&town, prefix, status, page_size).await,
                expected,
                "{prefix} {status:?} {page_size}"
            );
        }
    }
    town.close().await;
}

async fn names_found(
    town: &Town,
    prefix: &str,
    status: EnterpriseStatus,
    page_size: i32,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListEnterprisesRequest {
            name_prefix: prefix.to_owned(),
            status: status.into(),
            page_size,
            page_token,
        };
        let page = town
            .client()
            .list_enterprises(by(CONSUMER, request))
            .await
            .unwrap()
            .into_inner();
        found.extend(
            page.enterprises
                .into_iter()
                .map(|enterprise| enterprise.name),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}
