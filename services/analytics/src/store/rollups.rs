//! Adds differences to the sums, with the batch that makes them: rows in the order of their keys, so that replicas lock alike.

use chassis::store::batch::{Outboxed, Save, SaveError};
use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::domain::ending::Ending;
use crate::domain::measures::Measures;
use crate::domain::rollup::{Key, Rollups};

/// Keys as columns.
#[derive(Default)]
struct Keys<'a> {
    days: Vec<NaiveDate>,
    authorities: Vec<&'a str>,
    enterprises: Vec<&'a str>,
    categories: Vec<&'a str>,
    outcomes: Vec<i16>,
}

impl<'a> Keys<'a> {
    fn push(&mut self, key: &'a Key) {
        self.days.push(key.filed_on);
        self.authorities.push(&key.authority);
        self.enterprises.push(&key.enterprise);
        self.categories.push(&key.category);
        self.outcomes.push(key.ending.number());
    }
}

/// Saves a batch and adds its differences; what sums up to nothing is left out.
pub(crate) async fn save(
    connection: &mut PgConnection,
    batch: &Save,
    rollups: &Rollups,
) -> Result<Outboxed, SaveError> {
    let mut keys = Keys::default();
    let mut sums: [Vec<i64>; Measures::COUNT] = std::array::from_fn(|_| Vec::new());
    let changed = rollups.measures.iter().filter(|(_, sums)| !sums.is_zero());
    for (key, measures) in changed {
        keys.push(key);
        for (column, value) in sums.iter_mut().zip(measures.values()) {
            column.push(value);
        }
    }
    let mut taking = Keys::default();
    let (mut days, mut cases) = (Vec::new(), Vec::new());
    let changed = rollups
        .handling_days
        .iter()
        .filter(|(_, cases)| **cases != 0);
    for ((key, taken), count) in changed {
        taking.push(key);
        days.push(*taken);
        cases.push(*count);
    }
    chassis::save_batch!(
        connection,
        batch,
        [", add_sums as (
             insert into analytics.rollups as kept (
                 filed_on, authority, enterprise, category, outcome, filed, direct_explanation, direct_closed,
                 direct_non_monetary, direct_monetary, negotiated, negotiations_ended, negotiations_answered,
                 negotiations_failed, negotiations_expired, negotiations_silent, escalated, held, decided,
                 decided_in_time, accepted, mediated, mediations_ended, mediations_in_time, self_settled,
                 withdrawn_in_mediation, performed_yes, performed_partly, performed_no, performed_unknown, rated,
                 star_sum, event_count, handling_days_sum, recovered_fen)
             select * from unnest(
                 $61::date[], $62::text[], $63::text[], $64::text[], $65::smallint[], $66::bigint[], $67::bigint[],
                 $68::bigint[], $69::bigint[], $70::bigint[], $71::bigint[], $72::bigint[], $73::bigint[],
                 $74::bigint[], $75::bigint[], $76::bigint[], $77::bigint[], $78::bigint[], $79::bigint[],
                 $80::bigint[], $81::bigint[], $82::bigint[], $83::bigint[], $84::bigint[], $85::bigint[],
                 $86::bigint[], $87::bigint[], $88::bigint[], $89::bigint[], $90::bigint[], $91::bigint[],
                 $92::bigint[], $93::bigint[], $94::bigint[], $95::bigint[])
             on conflict (filed_on, authority, enterprise, category, outcome) do update set
                 filed = kept.filed + excluded.filed,
                 direct_explanation = kept.direct_explanation + excluded.direct_explanation,
                 direct_closed = kept.direct_closed + excluded.direct_closed,
                 direct_non_monetary = kept.direct_non_monetary + excluded.direct_non_monetary,
                 direct_monetary = kept.direct_monetary + excluded.direct_monetary,
                 negotiated = kept.negotiated + excluded.negotiated,
                 negotiations_ended = kept.negotiations_ended + excluded.negotiations_ended,
                 negotiations_answered = kept.negotiations_answered + excluded.negotiations_answered,
                 negotiations_failed = kept.negotiations_failed + excluded.negotiations_failed,
                 negotiations_expired = kept.negotiations_expired + excluded.negotiations_expired,
                 negotiations_silent = kept.negotiations_silent + excluded.negotiations_silent,
                 escalated = kept.escalated + excluded.escalated, held = kept.held + excluded.held,
                 decided = kept.decided + excluded.decided,
                 decided_in_time = kept.decided_in_time + excluded.decided_in_time,
                 accepted = kept.accepted + excluded.accepted, mediated = kept.mediated + excluded.mediated,
                 mediations_ended = kept.mediations_ended + excluded.mediations_ended,
                 mediations_in_time = kept.mediations_in_time + excluded.mediations_in_time,
                 self_settled = kept.self_settled + excluded.self_settled,
                 withdrawn_in_mediation = kept.withdrawn_in_mediation + excluded.withdrawn_in_mediation,
                 performed_yes = kept.performed_yes + excluded.performed_yes,
                 performed_partly = kept.performed_partly + excluded.performed_partly,
                 performed_no = kept.performed_no + excluded.performed_no,
                 performed_unknown = kept.performed_unknown + excluded.performed_unknown,
                 rated = kept.rated + excluded.rated, star_sum = kept.star_sum + excluded.star_sum,
                 event_count = kept.event_count + excluded.event_count,
                 handling_days_sum = kept.handling_days_sum + excluded.handling_days_sum,
                 recovered_fen = kept.recovered_fen + excluded.recovered_fen
         ), add_days as (
             insert into analytics.handling_days as kept (filed_on, authority, enterprise, category, outcome, days, cases)
             select * from unnest($96::date[], $97::text[], $98::text[], $99::text[], $100::smallint[], $101::integer[], $102::bigint[])
             on conflict (filed_on, authority, enterprise, category, outcome, days)
             do update set cases = kept.cases + excluded.cases)"],
        &keys.days,
        &keys.authorities as &[&str],
        &keys.enterprises as &[&str],
        &keys.categories as &[&str],
        &keys.outcomes,
        &sums[0],
        &sums[1],
        &sums[2],
        &sums[3],
        &sums[4],
        &sums[5],
        &sums[6],
        &sums[7],
        &sums[8],
        &sums[9],
        &sums[10],
        &sums[11],
        &sums[12],
        &sums[13],
        &sums[14],
        &sums[15],
        &sums[16],
        &sums[17],
        &sums[18],
        &sums[19],
        &sums[20],
        &sums[21],
        &sums[22],
        &sums[23],
        &sums[24],
        &sums[25],
        &sums[26],
        &sums[27],
        &sums[28],
        &sums[29],
        &taking.days,
        &taking.authorities as &[&str],
        &taking.enterprises as &[&str],
        &taking.categories as &[&str],
        &taking.outcomes,
        &days,
        &cases,
    )
}

/// All sums, zeros included.
pub(crate) async fn all(connection: &mut PgConnection) -> sqlx::Result<Rollups> {
    let mut rollups = Rollups::default();
    let rows = sqlx::query!("select * from analytics.rollups")
        .fetch_all(&mut *connection)
        .await?;
    for row in rows {
        let key = Key {
            filed_on: row.filed_on,
            authority: row.authority,
            enterprise: row.enterprise,
            category: row.category,
            ending: ending(row.outcome)?,
        };
        let measures = Measures {
            filed: row.filed,
            direct_explanation: row.direct_explanation,
            direct_closed: row.direct_closed,
            direct_non_monetary: row.direct_non_monetary,
            direct_monetary: row.direct_monetary,
            negotiated: row.negotiated,
            negotiations_ended: row.negotiations_ended,
            negotiations_answered: row.negotiations_answered,
            negotiations_failed: row.negotiations_failed,
            negotiations_expired: row.negotiations_expired,
            negotiations_silent: row.negotiations_silent,
            escalated: row.escalated,
            held: row.held,
            decided: row.decided,
            decided_in_time: row.decided_in_time,
            accepted: row.accepted,
            mediated: row.mediated,
            mediations_ended: row.mediations_ended,
            mediations_in_time: row.mediations_in_time,
            self_settled: row.self_settled,
            withdrawn_in_mediation: row.withdrawn_in_mediation,
            performed_yes: row.performed_yes,
            performed_partly: row.performed_partly,
            performed_no: row.performed_no,
            performed_unknown: row.performed_unknown,
            rated: row.rated,
            star_sum: row.star_sum,
            event_count: row.event_count,
            handling_days_sum: row.handling_days_sum,
            recovered_fen: row.recovered_fen,
        };
        rollups.measures.insert(key, measures);
    }
    let rows = sqlx::query!("select * from analytics.handling_days")
        .fetch_all(connection)
        .await?;
    for row in rows {
        let key = Key {
            filed_on: row.filed_on,
            authority: row.authority,
            enterprise: row.enterprise,
            category: row.category,
            ending: ending(row.outcome)?,
        };
        rollups.handling_days.insert((key, row.days), row.cases);
    }
    Ok(rollups)
}

fn ending(number: i16) -> sqlx::Result<Ending> {
    let spoilt = || sqlx::Error::Decode("the outcome of a sum cannot be read".into());
    Ending::from_number(number).ok_or_else(spoilt)
}
