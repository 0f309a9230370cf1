//! The complaint that callers file.

use proto::intake::v1::{ComplaintForm, ConsentChoices, Party, RespondentDescription};
use proto::v1::{Channel, Claim, RespondentRole, SalesMode};

/// A complaint against this enterprise, with consent to ODR.
pub(super) fn complaint(enterprise: &str) -> ComplaintForm {
    ComplaintForm {
        complainant: Some(Party {
            name: "Somebody Synthetic".into(),
            phone: "5550001234".into(),
            ..Default::default()
        }),
        respondent: Some(RespondentDescription {
            name: "A Synthetic Enterprise".into(),
            uscc: enterprise.to_owned(),
            role: RespondentRole::Ordinary.into(),
            business_region: "CA".into(),
            ..Default::default()
        }),
        consumer_region: "CA".into(),
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
        facts: "It broke on the second day, and the shop does not answer the telephone.".into(),
        ..Default::default()
    }
}
