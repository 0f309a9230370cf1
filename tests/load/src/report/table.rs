//! The figures as tables.

use comfy_table::{Table, presets};

use super::{CallerPhase, Figures, goals};

/// Everything that was measured.
pub(crate) fn table(figures: &Figures) -> String {
    let tables = [
        callers(figures),
        costs(figures),
        spikes(figures),
        goals::table(figures),
    ];
    let shown = tables.iter().filter(|table| table.row_count() > 0);
    let shown: Vec<String> = shown.map(ToString::to_string).collect();
    let floor = figures.floor.as_ref().map_or_else(String::new, |floor| {
        format!(
            "\nfloor: {:.0} filings/s in batches of {} on one connection, one alone in {:.2} ms (p99 {:.1}), {:.0} records/s produced, {:.0} consumed",
            floor.filings_per_s,
            floor.batch,
            floor.commit_p50_ms,
            floor.commit_p99_ms,
            floor.produce_per_s,
            floor.consume_per_s
        )
    });
    shown.join("\n") + &floor
}

fn named(figures: &Figures) -> Vec<(&'static str, &CallerPhase)> {
    let mut phases = Vec::new();
    if let Some(file) = &figures.file {
        phases.extend(file.phases.iter().map(|phase| ("filings", phase)));
        phases.extend(file.alone.iter().map(|phase| ("intake alone", phase)));
    }
    if let Some(lifecycle) = &figures.lifecycle {
        phases.extend(lifecycle.phases.iter().map(|phase| ("lifecycles", phase)));
    }
    if let Some(growth) = &figures.growth {
        phases.extend(growth.steps.iter().flat_map(|step| {
            [
                ("lifecycles, empty before", &step.empty_before),
                ("lifecycles, cases stored", &step.phase),
                ("lifecycles, empty after", &step.empty_after),
            ]
        }));
    }
    phases
}

fn callers(figures: &Figures) -> Table {
    let mut table = plain(&[
        "what",
        "callers",
        "per second",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "errors",
        "at rest after s",
    ]);
    for (what, phase) in named(figures) {
        let measured = &phase.measured;
        table.add_row([
            what.to_owned(),
            phase.callers.to_string(),
            format!("{:.0}", measured.per_s),
            format!("{:.1}", measured.p50_ms),
            format!("{:.1}", measured.p95_ms),
            format!("{:.1}", measured.p99_ms),
            measured.errors.to_string(),
            format!("{:.2}", phase.settled_in_s),
        ]);
    }
    table
}

/// Cost per case of each phase: one column a process.
fn costs(figures: &Figures) -> Table {
    const PROCESSES: [&str; 7] = [
        "load",
        "intake",
        "routing",
        "mediation",
        "analytics",
        "postgres",
        "kafka",
    ];
    const PARTS: [&str; 4] = ["intake", "routing", "mediation", "analytics"];
    let mut header = vec!["CPU µs a case", "callers", "all"];
    header.extend(PROCESSES);
    header.extend(["of postgres: i / r / m / a", "PG B", "WAL B", "Kafka B"]);
    let mut table = plain(&header);
    for (what, phase) in named(figures) {
        let cost = &phase.cost;
        let us = |name: &str| format!("{:.0}", cost.cpu_ms.get(name).unwrap_or(&0.0) * 1000.0);
        let mut row = vec![
            what.to_owned(),
            phase.callers.to_string(),
            format!("{:.0}", cost.cpu_ms_total * 1000.0),
        ];
        row.extend(PROCESSES.map(us));
        row.push(
            PARTS
                .map(|part| us(&format!("postgres/{part}")))
                .join(" / "),
        );
        let bytes = [
            cost.postgres_bytes,
            cost.postgres_wal_bytes,
            cost.kafka_bytes,
        ];
        row.extend(bytes.map(|bytes| format!("{bytes:.0}")));
        table.add_row(row);
    }
    table
}

fn spikes(figures: &Figures) -> Table {
    let mut table = plain(&[
        "spike",
        "per second",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "errors",
    ]);
    for step in figures.spike.iter().flat_map(|spike| &spike.steps) {
        let measured = &step.measured;
        table.add_row([
            format!("{}x", step.multiple),
            format!("{:.0}", measured.per_s),
            format!("{:.1}", measured.p50_ms),
            format!("{:.1}", measured.p95_ms),
            format!("{:.1}", measured.p99_ms),
            measured.errors.to_string(),
        ]);
    }
    table
}

/// A table with this header.
pub(super) fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header(header);
    table
}
