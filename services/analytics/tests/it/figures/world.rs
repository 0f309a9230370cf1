//! The small world: fifteen complaints, each of its own kind. The days are those of the calendar of 2026, in which
//! Saturday 9 May is worked: ten working days from 6 May end on 19 May, seven on 14 May.

use case::state::{Performed as Done, WithdrawalReason};
use case::terms::ReliefKind::{self, Answer, Explanation, Refund, Repair};
use case::{Actor, Body};
use chrono::NaiveDate;
use law::grounds::{EndingGround, RefusalGround};
use proto::analytics::v1::SettlementKind as Kind;
use proto::v1::{OutcomeKind as End, Performed};
use uuid::Uuid;

use super::Ends;
use crate::support::bodies::{self, DOCUMENT};
use crate::support::people::{
    COUNTY, DELEGATE, OTHER, RESPONDENT, consumer, enterprise, official, to, to_authority,
    to_nobody,
};
use crate::support::story::Story;

/// A complaint, and what its fact must say.
pub(crate) struct Tale {
    pub(crate) name: &'static str,
    pub(crate) story: Story,
    pub(crate) ends: Ends,
    pub(crate) enterprise: &'static str,
    pub(crate) authority: &'static str,
}

const FILED: &str = "2026-05-06T02:00:00Z";

fn filed(odr: bool) -> Story {
    let story = Story::at(FILED);
    let filing = bodies::filing(odr, story.now);
    story.file(filing)
}

fn negotiating(with: &str) -> Story {
    filed(true).step(&to(with, if with == DELEGATE { OTHER } else { COUNTY }))
}

fn at_county() -> Story {
    filed(false).step(&to_authority(COUNTY))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The enterprise proposes, the consumer accepts.
fn settled(with: &str, kinds: &[ReliefKind], perform_by: &str) -> Story {
    offered(negotiating(with), enterprise(with), kinds, perform_by).accept(consumer())
}

fn offered(story: Story, by: Actor, kinds: &[ReliefKind], perform_by: &str) -> Story {
    let terms = bodies::terms(kinds, 10_000, day(perform_by));
    story.then(by, bodies::propose(Uuid::now_v7(), terms))
}

/// The authority proposes, both accept.
fn agreed(story: Story, perform_by: &str) -> Story {
    offered(story, official(COUNTY), &[Refund], perform_by)
        .accept(enterprise(RESPONDENT))
        .accept(consumer())
}

trait Acts {
    fn accept(self, by: Actor) -> Self;
    fn rated(self, stars: u8) -> Self;
}

impl Acts for Story {
    fn accept(self, by: Actor) -> Self {
        let proposal = self.case().offers()[0].id;
        self.then(by, Body::AcceptProposal { proposal })
    }

    fn rated(self, stars: u8) -> Self {
        self.then(consumer(), Body::RateHandling { stars })
    }
}

/// All of them.
pub(crate) fn tales() -> Vec<Tale> {
    let mut tales = direct();
    tales.extend(failed());
    tales.extend(at_authorities());
    tales
}

fn direct() -> Vec<Tale> {
    let explained = settled(DELEGATE, &[Explanation, Answer], "2026-05-16")
        .then(
            enterprise(DELEGATE),
            Body::DeclarePerformance { evidence: None },
        )
        .then(consumer(), bodies::confirm(Done::Yes, 0))
        .rated(5);
    let answered = settled(DELEGATE, &[Answer], "2026-05-16")
        .on("2026-05-08T02:00:00Z")
        .then(consumer(), bodies::confirm(Done::Partly, 0));
    // Nobody says whether it was repaired: thirty days after 16 May, 15 June ends.
    let repaired =
        settled(DELEGATE, &[Repair, Explanation], "2026-05-16").on("2026-06-15T16:00:00Z");
    let refunded = settled(RESPONDENT, &[Refund, Explanation], "2026-05-16");
    // Broken, and after fifteen days let rest.
    let broken = settled(RESPONDENT, &[Refund], "2026-05-11")
        .on("2026-05-11T02:00:00Z")
        .then(consumer(), Body::ReportBreach { text: None })
        .on("2026-05-26T16:00:00Z");
    let direct = Some(End::SettledDirectly);
    vec![
        tale(
            "explained",
            explained,
            (direct, Performed::Yes, Kind::Explanation),
            DELEGATE,
            "",
        ),
        tale(
            "answered",
            answered,
            (direct, Performed::Partly, Kind::Closed),
            DELEGATE,
            "",
        ),
        tale(
            "repaired",
            repaired,
            (direct, Performed::Unknown, Kind::NonMonetary),
            DELEGATE,
            "",
        ),
        tale(
            "refunded",
            refunded,
            (None, Performed::Unspecified, Kind::Monetary),
            RESPONDENT,
            "",
        ),
        tale(
            "broken",
            broken,
            (
                Some(End::NotEscalated),
                Performed::NotApplicable,
                Kind::Monetary,
            ),
            RESPONDENT,
            "",
        ),
    ]
}

fn failed() -> Vec<Tale> {
    let expired = || negotiating(RESPONDENT).on("2026-05-19T16:00:00Z");
    let let_rest = expired().on("2026-06-04T16:00:00Z");
    let mediating = expired()
        .on("2026-05-21T02:00:00Z")
        .then(consumer(), Body::Escalate)
        .step(&to_authority(COUNTY))
        .on("2026-05-22T02:00:00Z")
        .then(official(COUNTY), Body::AcceptComplaint)
        .on("2026-05-25T02:00:00Z");
    let document = DOCUMENT;
    let mediated = agreed(mediating, "2026-05-30")
        .then(consumer(), Body::SignAgreement { document })
        .then(enterprise(RESPONDENT), Body::SignAgreement { document })
        .then(official(COUNTY), Body::SealAgreement { document })
        .then(consumer(), bodies::confirm(Done::Yes, 5_000))
        .rated(3);
    let unanswered_offer = offered(
        negotiating(RESPONDENT),
        enterprise(RESPONDENT),
        &[Refund],
        "2026-05-16",
    )
    .on("2026-05-19T16:00:00Z");
    let withdrawn = negotiating(RESPONDENT)
        .then(
            consumer(),
            bodies::ask_withdrawal(WithdrawalReason::Mistake),
        )
        .step(&to_nobody());
    let at_other = || {
        negotiating(DELEGATE)
            .then(enterprise(DELEGATE), bodies::answer())
            .on("2026-05-08T02:00:00Z")
            .then(consumer(), Body::EndNegotiation)
            .then(consumer(), Body::Escalate)
            .step(&to_authority(OTHER))
            .on("2026-05-11T02:00:00Z")
            .then(official(OTHER), Body::AcceptComplaint)
            .on("2026-05-12T02:00:00Z")
    };
    let no_agreement = at_other().then(
        official(OTHER),
        bodies::end_mediation(EndingGround::NoAgreementPossible),
    );
    let self_settled = at_other().then(official(OTHER), Body::RecordSelfSettlement);
    let nothing = (Performed::NotApplicable, Kind::Unspecified);
    let ends = |end| (Some(end), nothing.0, nothing.1);
    let open = (None, Performed::Unspecified, Kind::Unspecified);
    vec![
        tale(
            "let rest",
            let_rest,
            ends(End::NotEscalated),
            RESPONDENT,
            "",
        ),
        tale(
            "mediated",
            mediated,
            (Some(End::Mediated), Performed::Yes, Kind::Monetary),
            RESPONDENT,
            COUNTY,
        ),
        tale("unanswered offer", unanswered_offer, open, RESPONDENT, ""),
        tale("withdrawn", withdrawn, ends(End::Withdrawn), RESPONDENT, ""),
        tale(
            "no agreement",
            no_agreement,
            ends(End::MediationEnded),
            DELEGATE,
            OTHER,
        ),
        tale(
            "self settled",
            self_settled,
            ends(End::MediationEnded),
            DELEGATE,
            OTHER,
        ),
    ]
}

fn at_authorities() -> Vec<Tale> {
    let start = Story::at(FILED);
    let mut filing = bodies::filing(false, start.now);
    filing.category = "catering".to_owned();
    let refused_late = start
        .file(filing)
        .step(&to_authority(COUNTY))
        .on("2026-05-20T02:00:00Z")
        .then(
            official(COUNTY),
            bodies::refuse(RefusalGround::NotDailyConsumption),
        )
        .rated(1);
    let withdrawn_in_mediation = at_county()
        .then(official(COUNTY), Body::AcceptComplaint)
        .on("2026-05-08T02:00:00Z")
        .then(consumer(), bodies::ask_withdrawal(WithdrawalReason::Other))
        .step(&to_nobody());
    let start = Story::at("2026-05-06T16:00:00Z");
    let filing = bodies::filing(false, start.now);
    let held = start.file(filing).step(&to_nobody());
    let accepted = at_county()
        .on("2026-05-07T02:00:00Z")
        .then(official(COUNTY), Body::AcceptComplaint);
    let record = Body::RecordMediation {
        text: bodies::text(),
    };
    let not_performed = agreed(accepted, "2026-05-11")
        .then(official(COUNTY), record)
        .on("2026-05-11T02:00:00Z")
        .then(consumer(), Body::ReportBreach { text: None });
    let ends = |end| (Some(end), Performed::NotApplicable, Kind::Unspecified);
    vec![
        tale(
            "refused late",
            refused_late,
            ends(End::Refused),
            RESPONDENT,
            COUNTY,
        ),
        tale(
            "withdrawn in mediation",
            withdrawn_in_mediation,
            ends(End::MediationEnded),
            RESPONDENT,
            COUNTY,
        ),
        tale(
            "held",
            held,
            (None, Performed::Unspecified, Kind::Unspecified),
            RESPONDENT,
            "",
        ),
        tale(
            "not performed",
            not_performed,
            (Some(End::Mediated), Performed::No, Kind::Monetary),
            RESPONDENT,
            COUNTY,
        ),
    ]
}

fn tale(
    name: &'static str,
    story: Story,
    ends: Ends,
    enterprise: &'static str,
    authority: &'static str,
) -> Tale {
    Tale {
        name,
        story,
        ends,
        enterprise,
        authority,
    }
}
