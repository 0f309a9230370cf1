//! Random histories: a list of moves, each a few numbers, so that a history that fails can be made shorter.

use case::lifecycle::allowed;
use case::state::{Performed, WithdrawalReason};
use case::terms::ReliefKind;
use case::{Actor, Body, CommandKind, Facts};
use chrono::TimeDelta;
use law::day::day_of;
use law::grounds::{EndingGround, RefusalGround};
use proptest::prelude::*;
use uuid::Uuid;

use super::bodies::{self, DOCUMENT};
use super::people::{self, CITY, COUNTY, DELEGATE, OTHER, RESPONDENT};
use super::story::Story;

/// One move: who, what among what is allowed, after how long, with what in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    who: u8,
    what: u8,
    wait: u8,
    content: u16,
}

/// A random case: how it is filed, and its moves.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    start: u8,
    odr: bool,
    consents_to_escalation: bool,
    category: u8,
    moves: Vec<Move>,
}

/// Any case, from just filed to long closed.
pub(crate) fn any_case() -> impl Strategy<Value = Random> {
    let one = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u16>());
    let one = one.prop_map(|(who, what, wait, content)| Move {
        who,
        what,
        wait,
        content,
    });
    let moves = prop::collection::vec(one, 0..60);
    let filed = (
        any::<u8>(),
        prop::bool::weighted(0.8),
        any::<bool>(),
        any::<u8>(),
    );
    (filed, moves).prop_map(
        |((start, odr, consents_to_escalation, category), moves)| Random {
            start,
            odr,
            consents_to_escalation,
            category,
            moves,
        },
    )
}

impl Random {
    /// Plays it.
    pub(crate) fn story(&self) -> Story {
        // Shortly before each set of rules, and twice the same day, so that keys meet.
        const STARTS: [&str; 4] = [
            "2016-03-01T02:00:00Z",
            "2024-06-20T15:30:00Z",
            "2026-04-10T16:30:00Z",
            "2026-04-10T17:30:00Z",
        ];
        let story = Story::at(pick(&STARTS, self.start.into()));
        let mut filing = bodies::filing(self.odr, story.now);
        filing.category = pick(&["shoes", "catering"], self.category.into()).to_owned();
        if self.consents_to_escalation {
            filing.consents.auto_escalation = filing.consents.odr;
        }
        let mut story = story.file(filing);
        for one in &self.moves {
            one.play(&mut story);
        }
        story
    }
}

fn pick<T: Copy>(from: &[T], number: usize) -> T {
    from[number % from.len()]
}

impl Move {
    fn play(self, story: &mut Story) {
        story.now += match self.wait % 16 {
            0..=9 => TimeDelta::minutes(i64::from(self.content % 300)),
            10..=14 => TimeDelta::days(i64::from(self.wait / 16) % 5),
            _ => TimeDelta::days(i64::from(self.content % 70)),
        };
        story.wake();
        let content = usize::from(self.content);
        if self.who % 4 != 3 {
            story.settle_down(&route(content));
        }
        let by = anybody(self.who.into());
        let open = allowed(story.case(), Some(&by), story.now);
        if open.is_empty() {
            return;
        }
        let kind = milder(pick(&open, self.what.into()), content);
        if let Some(body) = body(kind, content, story) {
            let facts = match &body {
                Body::RouteByHand { authority } => Facts::RouteByHand {
                    destination: Some(people::destination(authority.as_str())),
                },
                _ => Facts::None,
            };
            // What is refused leaves no event.
            let _refused = story.give(by, body, &facts);
        }
    }
}

/// What ends a case early or only adds a notice is rarer, so that histories get far.
fn milder(kind: CommandKind, content: usize) -> CommandKind {
    match kind {
        CommandKind::RequestWithdrawal if !content.is_multiple_of(16) => CommandKind::AddEvidence,
        CommandKind::EndMediation | CommandKind::RecordSelfSettlement if content % 5 > 1 => {
            CommandKind::ProposeSettlement
        }
        CommandKind::RefuseComplaint if content % 5 > 1 => CommandKind::AcceptComplaint,
        other => other,
    }
}

fn anybody(number: usize) -> Actor {
    match number % 10 {
        0..=2 => people::consumer(),
        3 | 4 => people::enterprise(DELEGATE),
        5 | 6 => people::enterprise(RESPONDENT),
        7 | 8 => people::official(if (number / 10).is_multiple_of(3) {
            OTHER
        } else {
            COUNTY
        }),
        _ => people::official(CITY),
    }
}

fn route(number: usize) -> Facts {
    match number % 8 {
        0 => people::to_nobody(),
        1 | 2 => people::to_authority(OTHER),
        3 => people::to_authority(COUNTY),
        4 | 5 => people::to(RESPONDENT, COUNTY),
        _ => people::to(DELEGATE, COUNTY),
    }
}

fn body(kind: CommandKind, content: usize, story: &Story) -> Option<Body> {
    let offers = story.case().offers();
    let offer = offers.first().map_or(Uuid::nil(), |offer| offer.id);
    Some(match kind {
        CommandKind::RouteByHand => Body::RouteByHand {
            authority: people::authority(pick(&[COUNTY, CITY], content)),
        },
        CommandKind::AcknowledgeNegotiation => Body::AcknowledgeNegotiation,
        CommandKind::AnswerNegotiation => bodies::answer(),
        CommandKind::ProposeSettlement => {
            let kinds = [
                &[ReliefKind::Refund][..],
                &[ReliefKind::Answer],
                &[ReliefKind::Explanation],
                &[ReliefKind::Repair, ReliefKind::Compensation],
                &[ReliefKind::Apology],
            ];
            let day = day_of(story.now + TimeDelta::days(content as i64 % 20));
            let terms = bodies::terms(pick(&kinds, content), 10_000, day);
            bodies::propose(Uuid::now_v7(), terms)
        }
        CommandKind::AcceptProposal => Body::AcceptProposal { proposal: offer },
        CommandKind::RejectProposal => Body::RejectProposal {
            proposal: offer,
            text: None,
        },
        CommandKind::ReportHandling => bodies::report(story.now),
        CommandKind::DeclineNegotiation => bodies::decline(),
        CommandKind::EndNegotiation => Body::EndNegotiation,
        CommandKind::Escalate => Body::Escalate,
        CommandKind::AcceptComplaint => Body::AcceptComplaint,
        CommandKind::RefuseComplaint => bodies::refuse(pick(&RefusalGround::ALL, content)),
        CommandKind::ReturnCase => bodies::return_case(),
        CommandKind::EndMediation => bodies::end_mediation(pick(&EndingGround::ALL, content)),
        CommandKind::SignAgreement => Body::SignAgreement { document: DOCUMENT },
        CommandKind::SealAgreement => Body::SealAgreement { document: DOCUMENT },
        CommandKind::WaiveAgreement => Body::WaiveAgreement,
        CommandKind::RecordMediation => Body::RecordMediation {
            text: bodies::text(),
        },
        CommandKind::RecordSelfSettlement => Body::RecordSelfSettlement,
        CommandKind::DeclarePerformance => Body::DeclarePerformance { evidence: None },
        CommandKind::ConfirmPerformance => {
            let performed = pick(&[Performed::Yes, Performed::Partly], content);
            bodies::confirm(performed, if content.is_multiple_of(3) { 5_000 } else { 0 })
        }
        CommandKind::ReportBreach => Body::ReportBreach { text: None },
        CommandKind::RequestWithdrawal => {
            bodies::ask_withdrawal(pick(WithdrawalReason::ALL, content))
        }
        CommandKind::AddEvidence => bodies::evidence(),
        CommandKind::RateHandling => Body::RateHandling {
            stars: (content % 5) as u8 + 1,
        },
        _ => return None,
    })
}
