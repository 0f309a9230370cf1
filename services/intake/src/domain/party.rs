//! The people of a complaint: personal data that never leaves this service but to those who may read it.

use chassis::sensitive::Sensitive;

/// Kind of a person's identity document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum IdentityDocument {
    /// None given.
    #[default]
    None,
    /// Resident identity card.
    ResidentCard,
    /// Passport.
    Passport,
    /// Travel permit of a resident of Hong Kong, Macao or Taiwan.
    TravelPermit,
    /// Residence permit of a foreigner.
    ResidencePermit,
    /// Another document.
    Other,
}

/// A complainant or representative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Person {
    /// 1 to 100 characters.
    pub(crate) name: Sensitive<String>,
    /// 5 to 30 characters; may be empty for a representative.
    pub(crate) phone: Sensitive<String>,
    /// At most 300 characters.
    pub(crate) address: Sensitive<String>,
    /// Kind of document.
    pub(crate) identity_document: IdentityDocument,
    /// Its number; empty without a kind.
    pub(crate) identity_number: Sensitive<String>,
}

/// How the respondent can be reached, as the complainant tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contact {
    /// 1 to 200 characters.
    pub(crate) name: Sensitive<String>,
    /// 5 to 30 characters, or empty.
    pub(crate) phone: Sensitive<String>,
    /// At most 300 characters.
    pub(crate) address: Sensitive<String>,
}

/// Everybody a complaint names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parties {
    /// The complainant.
    pub(crate) complainant: Person,
    /// Representatives, in the order of the filing's references.
    pub(crate) representatives: Vec<Person>,
    /// The respondent.
    pub(crate) respondent: Contact,
}
