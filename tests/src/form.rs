//! What a complaint says: a form that can be changed in a few words.

use case::Uscc;
use proto::intake::v1::{ComplaintForm, ConsentChoices, Party, RespondentDescription};
use proto::v1::{Channel, Claim, IdentityLevel, RespondentRole, SalesMode};

/// The complainant's name, telephone number and words.
pub(crate) const NAME: &str = "Somebody Synthetic";
pub(crate) const PHONE: &str = "5550001234";
pub(crate) const FACTS: &str = "It broke on the second day.";

/// A complaint to file.
#[derive(Clone, Debug)]
pub struct Filing {
    /// The form.
    pub form: ComplaintForm,
}

impl Filing {
    /// Against an enterprise in Virginia; the consumer chose to let it settle first.
    pub fn against(uscc: &str) -> Filing {
        let form = ComplaintForm {
            complainant: Some(Party {
                name: NAME.into(),
                phone: PHONE.into(),
                ..Default::default()
            }),
            respondent: Some(RespondentDescription {
                name: "A Synthetic Enterprise".into(),
                uscc: uscc.to_owned(),
                role: RespondentRole::Ordinary.into(),
                business_region: "VA".into(),
                ..Default::default()
            }),
            consumer_region: "VA".into(),
            identity: IdentityLevel::Stated.into(),
            problem: "quality".into(),
            category: "goods".into(),
            tree_version: 1,
            claims: vec![Claim::Refund.into()],
            paid_fen: 9_900,
            claimed_fen: 9_900,
            sales_mode: SalesMode::Shop.into(),
            channel: Channel::Web.into(),
            consents: Some(ConsentChoices {
                odr: true,
                ..Default::default()
            }),
            facts: FACTS.into(),
            ..Default::default()
        };
        Filing { form }
    }

    /// The consumer goes to an authority at once.
    #[must_use]
    pub fn without_odr(mut self) -> Filing {
        self.consents().odr = false;
        self
    }

    /// The consumer agreed to escalate when the enterprise stays silent.
    #[must_use]
    pub fn escalating_by_itself(mut self) -> Filing {
        self.consents().auto_escalation = true;
        self
    }

    /// The enterprise does business there.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Filing {
        if let Some(respondent) = &mut self.form.respondent {
            respondent.business_region = region.to_owned();
        }
        self
    }

    fn consents(&mut self) -> &mut ConsentChoices {
        self.form.consents.get_or_insert_default()
    }
}

/// A credit code that belongs to nobody, one for each number.
pub fn synthetic_uscc(number: u32) -> String {
    let body = format!("Y1000000{number:09}");
    let check = Uscc::check_character(&body).expect("17 characters of the alphabet");
    format!("{body}{check}")
}
