//! A row of `routing.enterprises`.

use case::Uscc;
use chrono::{DateTime, Utc};
use law::directory::RegionCode;

use crate::domain::enterprise::{Application, Enterprise, FiveOnes, Status};
use crate::store::{KeptEnterprise, spoilt};

pub(super) struct Raw {
    pub(super) uscc: String,
    pub(super) name: String,
    pub(super) region: String,
    pub(super) industry: String,
    pub(super) status: String,
    pub(super) fixed_place: bool,
    pub(super) staff: bool,
    pub(super) computer: bool,
    pub(super) telephone: bool,
    pub(super) rules: bool,
    pub(super) delegate_uscc: Option<String>,
    pub(super) synthetic: bool,
    pub(super) version: i64,
    pub(super) chain: Vec<u8>,
    pub(super) registered_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

impl Raw {
    pub(super) fn into_kept(self) -> sqlx::Result<KeptEnterprise> {
        let wrong = |column| spoilt("enterprises", column);
        let delegate = self
            .delegate_uscc
            .map(|code| Uscc::parse(&code).ok_or_else(|| wrong("delegate_uscc")));
        let application = Application {
            uscc: Uscc::parse(&self.uscc).ok_or_else(|| wrong("uscc"))?,
            name: self.name,
            region: RegionCode::parse(&self.region).map_err(|_| wrong("region"))?,
            industry: self.industry,
            five_ones: FiveOnes {
                fixed_place: self.fixed_place,
                staff: self.staff,
                computer: self.computer,
                telephone: self.telephone,
                rules: self.rules,
            },
            delegate: delegate.transpose()?,
            synthetic: self.synthetic,
        };
        let enterprise = Enterprise {
            application,
            status: Status::from_code(&self.status).ok_or_else(|| wrong("status"))?,
            version: u64::try_from(self.version).map_err(|_| wrong("version"))?,
            registered_at: self.registered_at,
            updated_at: self.updated_at,
        };
        Ok(KeptEnterprise {
            enterprise,
            chain: self.chain.try_into().map_err(|_| wrong("chain"))?,
        })
    }
}
