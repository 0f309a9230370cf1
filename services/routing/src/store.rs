//! Every SQL statement of routing. Functions take a connection; the tables' own row types stay in here.

pub(crate) mod authorities;
pub(crate) mod disputes;
pub(crate) mod enterprises;
pub(crate) mod held;
pub(crate) mod record;
pub(crate) mod time;

use std::collections::BTreeMap;

use case::Uscc;
use chassis::envelope::Chain;
use law::directory::AuthorityId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::enterprise::Enterprise;
use disputes::Dispute;
use held::Held;

/// A registered enterprise with the chain value of the event that carried this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptEnterprise {
    pub(crate) enterprise: Enterprise,
    pub(crate) chain: Chain,
}

/// What was last published of an authority: version, chain value, the encoded record without its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptAuthority {
    pub(crate) id: AuthorityId,
    pub(crate) version: u64,
    pub(crate) chain: Chain,
    pub(crate) content: Vec<u8>,
}

/// The rows of a batch, sorted by key. `None` of a held case takes its row away.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) enterprises: BTreeMap<Uscc, KeptEnterprise>,
    pub(crate) authorities: BTreeMap<AuthorityId, KeptAuthority>,
    pub(crate) held: BTreeMap<Uuid, Option<Held>>,
    pub(crate) disputes: BTreeMap<Uuid, Dispute>,
}

impl Rows {
    pub(crate) fn is_empty(&self) -> bool {
        self.enterprises.is_empty()
            && self.authorities.is_empty()
            && self.held.is_empty()
            && self.disputes.is_empty()
    }

    /// A record of the registry: the greatest version of a batch is the one to keep.
    pub(crate) fn take_enterprise(&mut self, kept: KeptEnterprise) {
        let key = kept.enterprise.application.uscc.clone();
        let newer = |before: &KeptEnterprise| before.enterprise.version < kept.enterprise.version;
        if self.enterprises.get(&key).is_none_or(newer) {
            self.enterprises.insert(key, kept);
        }
    }

    /// As [`Rows::take_enterprise`].
    pub(crate) fn take_authority(&mut self, kept: KeptAuthority) {
        if self
            .authorities
            .get(&kept.id)
            .is_none_or(|before| before.version < kept.version)
        {
            self.authorities.insert(kept.id.clone(), kept);
        }
    }

    /// One statement a table.
    pub(crate) async fn save(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let enterprises: Vec<&KeptEnterprise> = self.enterprises.values().collect();
        enterprises::keep_newer(connection, &enterprises).await?;
        let authorities: Vec<&KeptAuthority> = self.authorities.values().collect();
        authorities::keep_newer(connection, &authorities).await?;
        held::save(connection, &self.held).await?;
        disputes::save(connection, &self.disputes).await
    }
}

/// A row whose column cannot be what it says.
fn spoilt(table: &str, column: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{table}.{column} cannot be read").into())
}

/// A version as the store keeps it.
fn stored(version: u64) -> i64 {
    i64::try_from(version).expect("versions count records of one entity")
}
