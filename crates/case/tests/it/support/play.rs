//! Random histories: anybody does anything allowed, and now and then something that is not.

use case::lifecycle::allowed;
use case::state::{Performed, WithdrawalReason};
use case::terms::ReliefKind;
use case::{Actor, Body, Case, CommandKind, Facts, Fen, Filing, Reason};
use chrono::{DateTime, TimeDelta, Utc};
use law::grounds::{EndingGround, RefusalGround};
use uuid::Uuid;

use super::History;
use super::bodies::usual;
use super::people::{self, CITY, COUNTY, OTHER, STATE};
use super::random::Random;
use super::samples::{self, authority, decided, held, with_enterprise, without_enterprise};

/// Somebody who may turn up in a case.
pub(crate) fn anybody(random: &mut Random) -> Actor {
    match random.below(12) {
        0 | 1 => people::consumer(),
        2 => people::representative(),
        3 | 4 => people::enterprise(),
        5 => people::respondent(),
        6..=8 => people::official(COUNTY),
        9 => people::official(CITY),
        10 => people::official(STATE),
        _ => people::stranger(),
    }
}

/// A complaint with or without ODR and automatic escalation.
pub(crate) fn any_filing(random: &mut Random) -> Filing {
    let mut filing = samples::filing();
    if random.chance(20) {
        filing.consents.odr = None;
    }
    if random.chance(40) {
        filing.consents.auto_escalation = filing.consents.odr;
    }
    filing
}

pub(crate) fn any_route(random: &mut Random) -> Facts {
    match random.below(5) {
        0..=2 => with_enterprise(),
        3 => without_enterprise(held(CITY)),
        _ => without_enterprise(decided(random.pick(&[COUNTY, COUNTY, CITY, STATE]))),
    }
}

/// A command that somebody may give, mostly one that the case takes from this actor.
pub(crate) fn any_command(
    random: &mut Random,
    case: &Case,
    by: &Actor,
    now: DateTime<Utc>,
) -> (Body, Facts) {
    let open = allowed(case, Some(by), now);
    let kind = if open.is_empty() || random.chance(10) {
        random.pick(CommandKind::ALL)
    } else {
        likely(random, &open)
    };
    let body = any_content(random, usual(kind, now).1, case, now);
    let facts = match &body {
        Body::Route => any_route(random),
        Body::RouteByHand { authority } => samples::by_hand(authority.as_str()),
        _ => Facts::None,
    };
    (body, facts)
}

/// One of the open commands; what ends a case early or only adds a notice is rarer, so that histories get far.
fn likely(random: &mut Random, open: &[CommandKind]) -> CommandKind {
    for _ in 0..4 {
        let kind = random.pick(open);
        let percent = match kind {
            CommandKind::RequestWithdrawal => 4,
            CommandKind::ReportHandling | CommandKind::AddEvidence => 8,
            CommandKind::EndMediation
            | CommandKind::RecordSelfSettlement
            | CommandKind::RefuseComplaint
            | CommandKind::RejectProposal => 15,
            CommandKind::AnswerNegotiation | CommandKind::ScheduleSession => 30,
            _ => 100,
        };
        if random.chance(percent) {
            return kind;
        }
    }
    let kind = random.pick(open);
    if kind == CommandKind::RequestWithdrawal {
        CommandKind::AddEvidence
    } else {
        kind
    }
}

fn any_content(random: &mut Random, body: Body, case: &Case, now: DateTime<Utc>) -> Body {
    let some_offer = case.offers().first().map_or(Uuid::nil(), |offer| offer.id);
    match body {
        Body::ProposeSettlement { mut terms, .. } => {
            terms.reliefs[0].kind = random.pick(&[ReliefKind::Refund, ReliefKind::Apology]);
            terms.reliefs[0].amount = Fen(random.pick(&[0, 0, 5_000, 10_000, -1]));
            Body::ProposeSettlement {
                proposal: Uuid::from_u128(u128::from(random.next())),
                terms,
                valid_until: random
                    .chance(30)
                    .then(|| now + TimeDelta::days(random.below(30) as i64)),
            }
        }
        Body::AcceptProposal { .. } => Body::AcceptProposal {
            proposal: some_offer,
        },
        Body::RejectProposal { text, .. } => Body::RejectProposal {
            proposal: some_offer,
            text,
        },
        Body::RouteByHand { .. } => Body::RouteByHand {
            authority: authority(random.pick(&[COUNTY, CITY, STATE, OTHER])),
        },
        Body::RefuseComplaint { text, .. } => Body::RefuseComplaint {
            ground: random.pick(&RefusalGround::ALL),
            text,
        },
        Body::EndMediation { text, .. } => Body::EndMediation {
            ground: random.pick(&EndingGround::ALL),
            text,
        },
        Body::SignAgreement { .. } if random.chance(10) => {
            Body::SignAgreement { document: [3; 32] }
        }
        Body::ConfirmPerformance { .. } => Body::ConfirmPerformance {
            performed: random.pick(Performed::ALL),
            recovered: Fen(random.pick(&[0, 0, 5_000, 10_000, 20_000, -1])),
        },
        Body::RequestWithdrawal { text, .. } => Body::RequestWithdrawal {
            reason: random.pick(WithdrawalReason::ALL),
            text,
        },
        other => other,
    }
}

/// How the days go by: often none, sometimes many.
pub(crate) fn any_wait(random: &mut Random) -> TimeDelta {
    match random.below(10) {
        0..=4 => TimeDelta::minutes(random.below(600) as i64),
        5..=8 => TimeDelta::days(random.below(5) as i64),
        _ => TimeDelta::days(random.below(70) as i64),
    }
}

/// Plays a whole history, as one service sees it. `each` is told of every command that was given.
pub(crate) fn play(
    seed: u64,
    commands: usize,
    mut each: impl FnMut(&Case, &Actor, CommandKind, &Result<CommandKind, Reason>, DateTime<Utc>),
) -> History {
    let mut random = Random::seeded(seed);
    let starts = [
        "2016-03-01T02:00:00Z",
        "2024-06-20T02:00:00Z",
        "2026-04-10T02:00:00Z",
    ];
    let mut history = History::starting(random.pick(&starts)).file(any_filing(&mut random));
    for _ in 0..commands {
        history.now += any_wait(&mut random);
        history.wake();
        // A step may come later than the event that asks for it.
        if random.chance(60) {
            let route = any_route(&mut random);
            history.settle_down(&route);
        }
        let by = anybody(&mut random);
        let before = history.case().clone();
        let (body, facts) = any_command(&mut random, &before, &by, history.now);
        let kind = body.kind();
        let got = history.give(by.clone(), body, &facts).map(|_| kind);
        each(&before, &by, kind, &got, history.now);
    }
    history.settle_down(&any_route(&mut random));
    history
}
