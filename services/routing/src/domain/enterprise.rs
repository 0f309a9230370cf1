//! An ODR enterprise's way through the registry: applied, admitted, suspended, removed.

use std::fmt;

use case::Uscc;
use chrono::{DateTime, Utc};
use law::directory::RegionCode;

/// Where an enterprise stands in the ODR system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Registered, not admitted yet.
    Applied,
    /// Complaints may be routed to it.
    Admitted,
    /// No new complaints are routed to it.
    Suspended,
    /// Out for good.
    Removed,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 4] = [
        Status::Applied,
        Status::Admitted,
        Status::Suspended,
        Status::Removed,
    ];

    /// The name in storage.
    pub const fn code(self) -> &'static str {
        match self {
            Status::Applied => "applied",
            Status::Admitted => "admitted",
            Status::Suspended => "suspended",
            Status::Removed => "removed",
        }
    }

    /// The status of a name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What an ODR enterprise must have (the "five ones").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FiveOnes {
    /// A fixed place.
    pub fixed_place: bool,
    /// Staff.
    pub staff: bool,
    /// A computer.
    pub computer: bool,
    /// A telephone.
    pub telephone: bool,
    /// Written rules.
    pub rules: bool,
}

impl FiveOnes {
    /// The names of what is missing.
    pub fn missing(self) -> Vec<&'static str> {
        let all = [
            ("fixed_place", self.fixed_place),
            ("staff", self.staff),
            ("computer", self.computer),
            ("telephone", self.telephone),
            ("rules", self.rules),
        ];
        all.into_iter()
            .filter(|(_, has)| !has)
            .map(|(name, _)| name)
            .collect()
    }
}

/// What an enterprise says when it applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its credit code.
    pub uscc: Uscc,
    /// Its name, 1 to 200 characters.
    pub name: String,
    /// Region of its domicile.
    pub region: RegionCode,
    /// Industry code, 1 to 64 characters.
    pub industry: String,
    /// What it has.
    pub five_ones: FiveOnes,
    /// Head office or platform that negotiates for it.
    pub delegate: Option<Uscc>,
    /// Made up for a replay or a test.
    pub synthetic: bool,
}

/// An enterprise of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enterprise {
    /// What it said.
    pub application: Application,
    /// Where it stands.
    pub status: Status,
    /// Version of this record, from 1.
    pub version: u64,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// When this version was written.
    pub updated_at: DateTime<Utc>,
}

impl Enterprise {
    /// The entity tag: changes with every version.
    pub fn etag(&self) -> String {
        self.version.to_string()
    }
}

/// What is done to an enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// It applies.
    Register(Application),
    /// It is admitted, or its suspension lifted.
    Admit,
    /// It is suspended.
    Suspend,
    /// It is removed for good.
    Remove,
}

/// Why an act is refused: a closed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody is registered under this code.
    Unknown,
    /// The code is registered already.
    Exists(Status),
    /// It has left for good.
    Removed,
    /// It is admitted already.
    AlreadyAdmitted,
    /// It is suspended already.
    AlreadySuspended,
    /// Only an admitted enterprise is suspended.
    NotAdmitted(Status),
    /// Something of the "five ones" is missing.
    FiveOnesMissing(Vec<&'static str>),
}

/// The record after an act.
///
/// # Errors
/// Why it does not take the act.
pub fn decide(
    current: Option<&Enterprise>,
    act: &Act,
    now: DateTime<Utc>,
) -> Result<Enterprise, Refusal> {
    let (current, status) = match (current, act) {
        (Some(current), Act::Register(_)) => return Err(Refusal::Exists(current.status)),
        (None, Act::Register(application)) => return Ok(registered(application, now)),
        (None, _) => return Err(Refusal::Unknown),
        (Some(current), Act::Admit) => (current, admitted(current)?),
        (Some(current), Act::Suspend) => (current, suspended(current)?),
        (Some(current), Act::Remove) => (current, removed(current)?),
    };
    Ok(Enterprise {
        status,
        version: current.version + 1,
        updated_at: now.max(current.updated_at),
        ..current.clone()
    })
}

fn registered(application: &Application, now: DateTime<Utc>) -> Enterprise {
    Enterprise {
        application: application.clone(),
        status: Status::Applied,
        version: 1,
        registered_at: now,
        updated_at: now,
    }
}

fn admitted(current: &Enterprise) -> Result<Status, Refusal> {
    match current.status {
        Status::Applied | Status::Suspended => {}
        Status::Admitted => return Err(Refusal::AlreadyAdmitted),
        Status::Removed => return Err(Refusal::Removed),
    }
    let missing = current.application.five_ones.missing();
    if missing.is_empty() {
        Ok(Status::Admitted)
    } else {
        Err(Refusal::FiveOnesMissing(missing))
    }
}

fn suspended(current: &Enterprise) -> Result<Status, Refusal> {
    match current.status {
        Status::Admitted => Ok(Status::Suspended),
        Status::Suspended => Err(Refusal::AlreadySuspended),
        Status::Removed => Err(Refusal::Removed),
        Status::Applied => Err(Refusal::NotAdmitted(current.status)),
    }
}

fn removed(current: &Enterprise) -> Result<Status, Refusal> {
    match current.status {
        Status::Applied | Status::Admitted | Status::Suspended => Ok(Status::Removed),
        Status::Removed => Err(Refusal::Removed),
    }
}

#[cfg(test)]
mod tests;
