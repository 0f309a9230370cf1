//! `odrctl case list`: a page of cases.

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate};
use clap::Args;
use comfy_table::{Table, presets};
use proto::mediation::v1::{CaseSummary, ListCasesRequest};
use proto::v1::CaseStateKind;

use crate::connect::{Services, request, said};
use crate::out::line;

/// What is listed.
#[derive(Args)]
pub(crate) struct Filter {
    /// Credit code of the enterprise
    #[arg(long)]
    enterprise: Option<String>,
    /// Id of the authority
    #[arg(long)]
    authority: Option<String>,
    /// A state, as `case show` names it; may be given again
    #[arg(long)]
    state: Vec<String>,
    /// Due before this day
    #[arg(long)]
    due_before: Option<NaiveDate>,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: i32,
}

pub(crate) async fn run(services: &Services, filter: Filter) -> Result<()> {
    let states = filter
        .state
        .iter()
        .map(|name| state(name))
        .collect::<Result<Vec<i32>>>()?;
    let due_before = filter
        .due_before
        .map(|day| proto::wire::timestamp(law::day::start_of(day)));
    let list = ListCasesRequest {
        enterprise: filter.enterprise.unwrap_or_default(),
        authority: filter.authority.unwrap_or_default(),
        states,
        due_before,
        page_size: filter.limit,
        page_token: String::new(),
    };
    let page = services
        .mediation()
        .await?
        .list_cases(request(list))
        .await
        .map_err(said)?
        .into_inner();
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "case",
        "number",
        "state",
        "due",
        "enterprise",
        "authority",
        "version",
    ]);
    for case in &page.cases {
        table.add_row(row(case));
    }
    line(&table);
    if !page.next_page_token.is_empty() {
        line(format_args!(
            "there are more; narrow the filter or raise --limit"
        ));
    }
    Ok(())
}

fn row(case: &CaseSummary) -> [String; 7] {
    let due = case
        .due_date
        .as_ref()
        .and_then(|date| date.due.as_ref())
        .map_or_else(String::new, |due| due.last_day.clone());
    [
        case.case_id.clone(),
        case.case_number.clone(),
        state_name(case.state),
        due,
        case.enterprise.clone(),
        case.authority.clone(),
        case.version.to_string(),
    ]
}

/// A state's name, without the prefix of the wire.
pub(crate) fn state_name(number: i32) -> String {
    let name = CaseStateKind::try_from(number).map_or("unknown", |state| state.as_str_name());
    name.trim_start_matches("CASE_STATE_KIND_")
        .to_lowercase()
        .replace('_', "-")
}

fn state(name: &str) -> Result<i32> {
    let wire = format!("CASE_STATE_KIND_{}", name.to_uppercase().replace('-', "_"));
    Ok(CaseStateKind::from_str_name(&wire)
        .with_context(|| format!("{name} is no state"))?
        .into())
}

/// An instant as people read it, at +08:00.
pub(crate) fn local(seconds: i64) -> String {
    let at = DateTime::from_timestamp(seconds, 0).unwrap_or_default()
        + chrono::TimeDelta::hours(i64::from(law::day::OFFSET_HOURS));
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}
