//! Which cases are counted.

use chrono::NaiveDate;

/// Cases filed in the days, by their present enterprise, authority and category. `None` selects all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// First day of filing.
    pub(crate) from: Option<NaiveDate>,
    /// Last day of filing.
    pub(crate) to: Option<NaiveDate>,
    /// Credit code.
    pub(crate) enterprise: Option<String>,
    /// Authority's id.
    pub(crate) authority: Option<String>,
    /// Goods or service code.
    pub(crate) category: Option<String>,
}
