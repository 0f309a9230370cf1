//! The fact rows: saved by one statement a batch, read one at a time, or all of them to count the sums again.

use case::StateKind;
use case::milestones::Milestones;
use case::state::Outcome;
use chassis::store::Pool;
use chrono::NaiveDate;
use prost::Message;
use proto::{v1, wire};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::ending::Ending;
use crate::domain::fact::{Fact, SettlementKind};

/// Saves new and changed facts; they come in the order of their ids.
pub(crate) async fn save<'a>(
    connection: &mut PgConnection,
    facts: impl Iterator<Item = &'a Fact>,
) -> sqlx::Result<()> {
    let rows: Vec<(&Fact, Vec<u8>)> = facts
        .map(|fact| (fact, v1::Milestones::from(&fact.milestones).encode_to_vec()))
        .collect();
    sqlx::query!(
        "insert into analytics.facts (
             case_id, case_number, version, event_count, filed_on, enterprise, authority, problem, category,
             state, outcome, ground, performed, settlement_kind, stars, recovered_fen, held, self_settled, milestones)
         select * from unnest(
             $1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[],
             $10::smallint[], $11::smallint[], $12::smallint[], $13::smallint[], $14::smallint[], $15::smallint[],
             $16::bigint[], $17::boolean[], $18::boolean[], $19::bytea[])
         on conflict (case_id) do update set
             version = excluded.version, event_count = excluded.event_count, enterprise = excluded.enterprise,
             authority = excluded.authority, state = excluded.state, outcome = excluded.outcome, ground = excluded.ground,
             performed = excluded.performed, settlement_kind = excluded.settlement_kind, stars = excluded.stars,
             recovered_fen = excluded.recovered_fen, held = excluded.held, self_settled = excluded.self_settled,
             milestones = excluded.milestones",
        &column(&rows, |fact| fact.case_id),
        &column(&rows, |fact| fact.case_number.as_str()) as &[&str],
        &column(&rows, |fact| signed(fact.version)),
        &column(&rows, |fact| fact.event_count),
        &column(&rows, |fact| fact.filed_on),
        &column(&rows, |fact| fact.enterprise.as_str()) as &[&str],
        &column(&rows, |fact| fact.authority.as_str()) as &[&str],
        &column(&rows, |fact| fact.problem.as_str()) as &[&str],
        &column(&rows, |fact| fact.category.as_str()) as &[&str],
        &column(&rows, |fact| small(wire::number(fact.state))),
        &column(&rows, |fact| Ending::of(fact.outcome).number()),
        &column(&rows, |fact| ground(fact.outcome)),
        &column(&rows, |fact| fact.performed.map_or(0, |performed| small(wire::number(performed)))),
        &column(&rows, |fact| fact.settlement.map_or(0, SettlementKind::number)),
        &column(&rows, |fact| i16::from(fact.stars)),
        &column(&rows, |fact| fact.recovered_fen),
        &column(&rows, |fact| fact.held),
        &column(&rows, |fact| fact.self_settled),
        &rows.iter().map(|(_, milestones)| milestones.as_slice()).collect::<Vec<&[u8]>>() as &[&[u8]]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The fact of a case.
pub(crate) async fn one(pool: &Pool, case_id: Uuid) -> sqlx::Result<Option<Fact>> {
    let row = sqlx::query_as!(
        Row,
        "select * from analytics.facts where case_id = $1",
        case_id
    )
    .fetch_optional(&mut *pool.acquire().await?)
    .await?;
    row.map(fact).transpose()
}

/// Every fact.
pub(crate) async fn all(connection: &mut PgConnection) -> sqlx::Result<Vec<Fact>> {
    let rows = sqlx::query_as!(Row, "select * from analytics.facts order by case_id")
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(fact).collect()
}

struct Row {
    case_id: Uuid,
    case_number: String,
    version: i64,
    event_count: i64,
    filed_on: NaiveDate,
    enterprise: String,
    authority: String,
    problem: String,
    category: String,
    state: i16,
    outcome: i16,
    ground: i16,
    performed: i16,
    settlement_kind: i16,
    stars: i16,
    recovered_fen: i64,
    held: bool,
    self_settled: bool,
    milestones: Vec<u8>,
}

fn fact(row: Row) -> sqlx::Result<Fact> {
    let spoilt = |what: &str| {
        let text = format!("fact {}: {what} cannot be read", row.case_id);
        sqlx::Error::Decode(text.into())
    };
    let state: StateKind = wire::listed(i32::from(row.state)).ok_or_else(|| spoilt("state"))?;
    let outcome = outcome(row.outcome, row.ground).ok_or_else(|| spoilt("outcome"))?;
    let performed = match row.performed {
        0 => None,
        number => Some(wire::listed(i32::from(number)).ok_or_else(|| spoilt("performed"))?),
    };
    let settlement = match row.settlement_kind {
        0 => None,
        number => {
            Some(SettlementKind::from_number(number).ok_or_else(|| spoilt("settlement_kind"))?)
        }
    };
    let milestones = milestones(&row.milestones).ok_or_else(|| spoilt("milestones"))?;
    Ok(Fact {
        case_id: row.case_id,
        version: u64::try_from(row.version).map_err(|_| spoilt("version"))?,
        stars: u8::try_from(row.stars).map_err(|_| spoilt("stars"))?,
        case_number: row.case_number,
        event_count: row.event_count,
        filed_on: row.filed_on,
        enterprise: row.enterprise,
        authority: row.authority,
        problem: row.problem,
        category: row.category,
        state,
        outcome,
        performed,
        settlement,
        recovered_fen: row.recovered_fen,
        held: row.held,
        self_settled: row.self_settled,
        milestones,
    })
}

fn milestones(bytes: &[u8]) -> Option<Milestones> {
    v1::Milestones::decode(bytes).ok()?.try_into().ok()
}

/// The ground or reason of an outcome, each by the number of its own list.
fn ground(outcome: Option<Outcome>) -> i16 {
    let Some(outcome) = outcome else { return 0 };
    let message = v1::Outcome::from(outcome);
    // At most one of them is set.
    small(message.refusal_ground + message.ending_ground + message.withdrawal_reason)
}

/// The outcome of an ending and its ground; an open case has none, and numbers that are none give `None`.
fn outcome(ending: i16, ground: i16) -> Option<Option<Outcome>> {
    let mut message = v1::Outcome {
        kind: i32::from(ending),
        ..v1::Outcome::default()
    };
    let ground = i32::from(ground);
    match Ending::from_number(ending)? {
        Ending::Open => return Some(None),
        Ending::Refused => message.refusal_ground = ground,
        Ending::MediationEnded => message.ending_ground = ground,
        Ending::Withdrawn => message.withdrawal_reason = ground,
        Ending::SettledDirectly | Ending::Mediated | Ending::NotEscalated => {}
    }
    Outcome::try_from(message).ok().map(Some)
}

fn column<'a, T>(rows: &[(&'a Fact, Vec<u8>)], value: impl Fn(&'a Fact) -> T) -> Vec<T> {
    rows.iter().map(|(fact, _)| value(fact)).collect()
}

fn small(number: i32) -> i16 {
    i16::try_from(number).expect("closed lists are short")
}

fn signed(version: u64) -> i64 {
    i64::try_from(version).expect("versions of the log are below 2^63")
}

#[cfg(test)]
mod tests {
    use case::state::WithdrawalReason;
    use law::grounds::{EndingGround, RefusalGround};

    use super::*;

    #[test]
    fn every_outcome_survives_its_numbers() {
        let refused = RefusalGround::ALL.into_iter().map(Outcome::Refused);
        let ended = EndingGround::ALL.into_iter().map(Outcome::MediationEnded);
        let withdrawn = WithdrawalReason::ALL
            .iter()
            .copied()
            .map(Outcome::Withdrawn);
        let plain = [
            Outcome::SettledDirectly,
            Outcome::Mediated,
            Outcome::NotEscalated,
        ];
        let all = refused.chain(ended).chain(withdrawn).chain(plain);
        for expected in all.map(Some).chain([None]) {
            let number = Ending::of(expected).number();
            assert_eq!(outcome(number, ground(expected)), Some(expected));
        }
        assert_eq!(outcome(7, 0), None);
        assert_eq!(outcome(Ending::Refused.number(), 0), None);
    }
}
