//! The one place through which personal columns are written and read.
//!
//! Each column is a small message, sealed as a whole under the key whose version stands beside it. There is no key yet:
//! version 0 means that the bytes are the message itself. Encryption comes in here, and nowhere else.

use chassis::sensitive::Sensitive;
use prost::Message;

use crate::domain::party::{Contact, IdentityDocument, Parties, Person};

/// Version of the key that columns are sealed with now.
const KEY_VERSION: i16 = 0;

/// The personal columns of a case, as stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SealedParties {
    /// Version of the key.
    pub(crate) key_version: i16,
    /// The complainant.
    pub(crate) complainant: Vec<u8>,
    /// Representatives, if there are any.
    pub(crate) representatives: Option<Vec<u8>>,
    /// The respondent.
    pub(crate) respondent: Vec<u8>,
}

/// A personal column that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// It was sealed with a key this release does not have.
    #[error("key version {0} is not known")]
    Key(i16),
    /// The bytes are not what the column holds.
    #[error("the bytes are no personal column")]
    Bytes,
}

/// Seals the parties of a new case.
pub(crate) fn seal(parties: Parties) -> SealedParties {
    let people: Vec<StoredPerson> = parties
        .representatives
        .into_iter()
        .map(StoredPerson::from)
        .collect();
    SealedParties {
        key_version: KEY_VERSION,
        complainant: close(&StoredPerson::from(parties.complainant)),
        representatives: (!people.is_empty()).then(|| close(&StoredPeople { people })),
        respondent: close(&StoredContact::from(parties.respondent)),
    }
}

/// Opens the parties of a case.
///
/// # Errors
/// An unknown key, or bytes that are something else.
pub(crate) fn open(sealed: &SealedParties) -> Result<Parties, Unreadable> {
    let key = sealed.key_version;
    let representatives = match &sealed.representatives {
        Some(bytes) => reveal::<StoredPeople>(key, bytes)?.people,
        None => Vec::new(),
    };
    Ok(Parties {
        complainant: reveal::<StoredPerson>(key, &sealed.complainant)?.into(),
        representatives: representatives.into_iter().map(Person::from).collect(),
        respondent: open_respondent(key, &sealed.respondent)?,
    })
}

/// Opens a respondent alone, for lists.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_respondent(key_version: i16, sealed: &[u8]) -> Result<Contact, Unreadable> {
    Ok(reveal::<StoredContact>(key_version, sealed)?.into())
}

fn close(message: &impl Message) -> Vec<u8> {
    message.encode_to_vec()
}

fn reveal<M: Message + Default>(key_version: i16, sealed: &[u8]) -> Result<M, Unreadable> {
    if key_version != KEY_VERSION {
        return Err(Unreadable::Key(key_version));
    }
    M::decode(sealed).map_err(|_| Unreadable::Bytes)
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
struct StoredPerson {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    phone: String,
    #[prost(string, tag = "3")]
    address: String,
    #[prost(uint32, tag = "4")]
    identity_document: u32,
    #[prost(string, tag = "5")]
    identity_number: String,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
struct StoredPeople {
    #[prost(message, repeated, tag = "1")]
    people: Vec<StoredPerson>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
struct StoredContact {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    phone: String,
    #[prost(string, tag = "3")]
    address: String,
}

/// Kinds of documents by their stored number, their place in this list.
const DOCUMENTS: [IdentityDocument; 6] = [
    IdentityDocument::None,
    IdentityDocument::ResidentCard,
    IdentityDocument::Passport,
    IdentityDocument::TravelPermit,
    IdentityDocument::ResidencePermit,
    IdentityDocument::Other,
];

impl From<Person> for StoredPerson {
    fn from(person: Person) -> Self {
        Self {
            name: person.name.into_inner(),
            phone: person.phone.into_inner(),
            address: person.address.into_inner(),
            identity_document: person.identity_document as u32,
            identity_number: person.identity_number.into_inner(),
        }
    }
}

impl From<StoredPerson> for Person {
    fn from(stored: StoredPerson) -> Self {
        let document = DOCUMENTS.get(stored.identity_document as usize).copied();
        Self {
            name: Sensitive::new(stored.name),
            phone: Sensitive::new(stored.phone),
            address: Sensitive::new(stored.address),
            // A kind of a later release: what is known is that there is one.
            identity_document: document.unwrap_or(IdentityDocument::Other),
            identity_number: Sensitive::new(stored.identity_number),
        }
    }
}

impl From<Contact> for StoredContact {
    fn from(contact: Contact) -> Self {
        Self {
            name: contact.name.into_inner(),
            phone: contact.phone.into_inner(),
            address: contact.address.into_inner(),
        }
    }
}

impl From<StoredContact> for Contact {
    fn from(stored: StoredContact) -> Self {
        Self {
            name: Sensitive::new(stored.name),
            phone: Sensitive::new(stored.phone),
            address: Sensitive::new(stored.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, identity_document: IdentityDocument) -> Person {
        Person {
            name: Sensitive::new(name.to_owned()),
            phone: Sensitive::new("+86 571 8888".to_owned()),
            identity_document,
            ..Person::default()
        }
    }

    #[test]
    fn what_was_sealed_opens_again() {
        for representatives in [
            vec![],
            DOCUMENTS
                .map(|document| person("代理人", document))
                .to_vec(),
        ] {
            let parties = Parties {
                complainant: person("张三", IdentityDocument::Passport),
                representatives,
                respondent: Contact {
                    name: Sensitive::new("某公司".to_owned()),
                    ..Contact::default()
                },
            };
            let sealed = seal(parties.clone());
            assert_eq!(open(&sealed), Ok(parties));
        }
    }

    #[test]
    fn an_unknown_key_and_foreign_bytes_are_told_apart() {
        assert_eq!(open_respondent(9, &[]), Err(Unreadable::Key(9)));
        assert_eq!(
            open_respondent(KEY_VERSION, &[0xff]),
            Err(Unreadable::Bytes)
        );
    }
}
