//! Intake's own pure rules: numbers and codes people hold, what is told of progress, who may see a complaint.

pub(crate) mod allowance;
pub(crate) mod case_number;
pub(crate) mod party;
pub(crate) mod progress;
pub(crate) mod progress_code;
pub(crate) mod reader;
