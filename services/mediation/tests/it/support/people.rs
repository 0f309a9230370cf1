//! Who acts.

pub(crate) const ENTERPRISE_CODE: &str = "91110000600037341L";
pub(crate) const RESPONDENT_CODE: &str = "91350100M000100Y43";

pub(crate) const CONSUMER: &str = "consumer/-/party-1";
pub(crate) const REPRESENTATIVE: &str = "consumer/-/party-2";
pub(crate) const STRANGER: &str = "consumer/-/party-9";
pub(crate) const ENTERPRISE: &str = "enterprise/91110000600037341L/clerk-1";
pub(crate) const RESPONDENT: &str = "enterprise/91350100M000100Y43/clerk-2";
pub(crate) const OTHER_ENTERPRISE: &str = "enterprise/91440300MA5EXAMPL7/clerk-3";
pub(crate) const COUNTY: &str = "official/county-1/official-1";
pub(crate) const CITY: &str = "official/city-1/official-2";
pub(crate) const STATE: &str = "official/state-1/official-3";
pub(crate) const OTHER_COUNTY: &str = "official/county-2/official-4";
pub(crate) const STAFF: &str = "staff/city-1/staff-1";
pub(crate) const OPERATOR: &str = "operator/-/operator-1";
