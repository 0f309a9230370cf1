//! Who acts: the kind of person or system, the organisation it speaks for, and an opaque subject.

use crate::coded::coded;

coded! {
    /// What an actor is.
    pub enum ActorKind {
        /// The complainant (投诉人), or whoever acts for them.
        Consumer => "consumer",
        /// The ODR enterprise (在线消费纠纷解决企业); `org` is its USCC.
        Enterprise => "enterprise",
        /// An official (工作人员) of an authority; `org` is the authority's id.
        Official => "official",
        /// Staff who enter a submission for somebody; `org` is the authority's id.
        Staff => "staff",
        /// Another system that files for people (12345 and the like); `org` is the source system.
        Agency => "agency",
        /// Who runs the platform.
        Operator => "operator",
        /// The platform itself: routing, deadlines, steps.
        System => "system",
    }
}

/// Who acts; carries nothing that identifies a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    /// What the actor is.
    pub kind: ActorKind,
    /// USCC of an enterprise, id of an authority, name of a source system.
    pub org: Option<String>,
    /// Opaque reference to the person.
    pub subject: Option<String>,
}

impl Actor {
    /// The platform itself.
    pub const fn system() -> Self {
        Self {
            kind: ActorKind::System,
            org: None,
            subject: None,
        }
    }
}

coded! {
    /// A side of a dispute, or the mediator between them.
    pub enum Side {
        /// The complainant's side.
        Consumer => "consumer",
        /// The respondent's side.
        Enterprise => "enterprise",
        /// The mediating authority.
        Mediator => "mediator",
    }
}
