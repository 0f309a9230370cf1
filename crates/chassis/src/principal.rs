//! Who acts: one tower layer puts the principal of a call beside it, and every command carries it on.
//!
//! Only a sandbox may believe what the caller says of itself; real verification will be another constructor of the same layer.

mod layer;

use std::fmt;
use std::str::FromStr;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Extensions, Status};

pub use layer::{PrincipalLayer, PrincipalService};

/// Metadata key under which a sandbox caller names itself: `kind[/org[/subject]]`, `-` for an empty part.
pub const METADATA_KEY: &str = "odr-principal";

/// What sort of actor a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A person with a dispute: a subject, no organisation.
    Consumer,
    /// Someone who acts for an enterprise: organisation (its USCC) and subject.
    Enterprise,
    /// Someone who acts for an authority: organisation (its id) and subject.
    Official,
    /// Someone who runs the platform.
    Staff,
    /// Another body's system or its people.
    Agency,
    /// Someone who operates the machines.
    Operator,
    /// The platform itself; never accepted from outside.
    System,
}

impl Kind {
    /// The code used in metadata, keys and logs.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Consumer => "consumer",
            Kind::Enterprise => "enterprise",
            Kind::Official => "official",
            Kind::Staff => "staff",
            Kind::Agency => "agency",
            Kind::Operator => "operator",
            Kind::System => "system",
        }
    }

    /// The kind a code means.
    pub fn from_code(code: &str) -> Option<Self> {
        const ALL: [Kind; 7] = [
            Kind::Consumer,
            Kind::Enterprise,
            Kind::Official,
            Kind::Staff,
            Kind::Agency,
            Kind::Operator,
            Kind::System,
        ];
        ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Who acts. `subject` is opaque: an account's id, never a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    /// What sort of actor.
    pub kind: Kind,
    /// The organisation acted for.
    pub org: Option<String>,
    /// The person or account that acts.
    pub subject: Option<String>,
}

impl Principal {
    /// The platform itself, for what no caller asked.
    pub const fn system() -> Self {
        Self {
            kind: Kind::System,
            org: None,
            subject: None,
        }
    }

    /// Canonical text `kind/org/subject`, `-` for an empty part: one spelling per principal, so it can stand in a key.
    pub fn key(&self) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
        format!("{}/{}/{}", self.kind, part(&self.org), part(&self.subject))
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

/// Why a text names no principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// More than three parts, or a part outside the alphabet.
    #[error(
        "must be kind[/org[/subject]], each part 1 to 64 of A-Z a-z 0-9 . _ : - and a lone - for an empty part"
    )]
    Form,
    /// The first part is no kind.
    #[error("kind must be consumer, enterprise, official, staff, agency or operator")]
    Kind,
    /// The platform's own kind was claimed.
    #[error("system is the platform itself and cannot be claimed")]
    System,
    /// A part that this kind needs is missing, or one it has not is given.
    #[error("{0}")]
    Parts(&'static str),
}

impl FromStr for Principal {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let parts: Vec<&str> = text.split('/').collect();
        if parts.len() > 3 || !parts.iter().all(|part| is_part(part)) {
            return Err(Malformed::Form);
        }
        let part = |at: usize| {
            parts
                .get(at)
                .filter(|part| **part != "-")
                .map(|part| (*part).to_owned())
        };
        let kind = Kind::from_code(parts[0]).ok_or(Malformed::Kind)?;
        let principal = Principal {
            kind,
            org: part(1),
            subject: part(2),
        };
        principal.check_parts()?;
        Ok(principal)
    }
}

impl Principal {
    fn check_parts(&self) -> Result<(), Malformed> {
        match (self.kind, &self.org, &self.subject) {
            (Kind::System, ..) => Err(Malformed::System),
            (Kind::Consumer, None, Some(_))
            | (Kind::Enterprise | Kind::Official, Some(_), Some(_)) => Ok(()),
            (Kind::Consumer, ..) => Err(Malformed::Parts("a consumer is consumer/-/subject")),
            (Kind::Enterprise, ..) => {
                Err(Malformed::Parts("an enterprise is enterprise/USCC/subject"))
            }
            (Kind::Official, ..) => Err(Malformed::Parts(
                "an official is official/authority/subject",
            )),
            (Kind::Staff | Kind::Agency | Kind::Operator, ..) => Ok(()),
        }
    }
}

fn is_part(part: &str) -> bool {
    (1..=64).contains(&part.len())
        && part
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-'))
}

/// The principal of a call, from its extensions.
///
/// # Errors
/// UNAUTHENTICATED if the layer put none there.
pub fn of(extensions: &Extensions) -> Result<Principal, Status> {
    extensions
        .get::<Principal>()
        .cloned()
        .ok_or_else(|| Status::unauthenticated("no principal came with this call"))
}

/// Client side: names the caller in a sandbox. The server judges the text; what metadata cannot hold becomes `?`, which it refuses.
pub fn attach<T>(request: &mut tonic::Request<T>, principal: &str) {
    let text: String = principal
        .chars()
        .map(|c| if c.is_ascii_graphic() { c } else { '?' })
        .collect();
    let value =
        MetadataValue::<Ascii>::try_from(text).expect("visible ASCII is always a metadata value");
    request.metadata_mut().insert(METADATA_KEY, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_names_one_principal_or_says_why_not() {
        let long = format!("consumer/-/{}", "x".repeat(65));
        let rows: &[(&str, Result<&str, Malformed>)] = &[
            ("consumer/-/c-1", Ok("consumer/-/c-1")),
            (
                "enterprise/91330100MA2CTEST0X/u:7",
                Ok("enterprise/91330100MA2CTEST0X/u:7"),
            ),
            ("official/330106.amr/o_1", Ok("official/330106.amr/o_1")),
            ("staff", Ok("staff/-/-")),
            ("staff/-", Ok("staff/-/-")),
            ("operator/-/me", Ok("operator/-/me")),
            ("agency/12345", Ok("agency/12345/-")),
            ("", Err(Malformed::Form)),
            ("consumer//c-1", Err(Malformed::Form)),
            ("consumer/-/c-1/more", Err(Malformed::Form)),
            ("consumer/-/%41", Err(Malformed::Form)),
            ("consumer/-/张", Err(Malformed::Form)),
            ("consumer/-/a b", Err(Malformed::Form)),
            (&long, Err(Malformed::Form)),
            ("Consumer/-/c-1", Err(Malformed::Kind)),
            ("root", Err(Malformed::Kind)),
            ("system", Err(Malformed::System)),
            (
                "consumer",
                Err(Malformed::Parts("a consumer is consumer/-/subject")),
            ),
            (
                "consumer/org/c-1",
                Err(Malformed::Parts("a consumer is consumer/-/subject")),
            ),
            (
                "enterprise/91330100MA2CTEST0X",
                Err(Malformed::Parts("an enterprise is enterprise/USCC/subject")),
            ),
            (
                "official/-/o1",
                Err(Malformed::Parts(
                    "an official is official/authority/subject",
                )),
            ),
        ];
        for (text, expected) in rows {
            let named = text.parse::<Principal>().map(|principal| principal.key());
            assert_eq!(named, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn the_key_of_a_principal_names_it_again() {
        for text in ["consumer/-/c-1", "staff", "agency/12345", "official/a/b"] {
            let principal: Principal = text.parse().unwrap();
            assert_eq!(principal.key().parse(), Ok(principal), "{text}");
        }
        assert_eq!(Principal::system().key(), "system/-/-");
    }

    #[test]
    fn attaching_never_fails_and_never_hides_a_bad_text() {
        for (text, sent) in [
            ("consumer/-/c-1", "consumer/-/c-1"),
            ("consumer/-/张\n", "consumer/-/??"),
        ] {
            let mut request = tonic::Request::new(());
            attach(&mut request, text);
            assert_eq!(request.metadata().get(METADATA_KEY).unwrap(), sent);
        }
    }
}
