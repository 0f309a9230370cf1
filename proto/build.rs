//! Generates the Rust side of every package but `odr.ops.v1`, which the chassis generates itself. Needs no protoc.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use prost::Message;

/// Folder of the `.proto` files, beside this file.
const ROOT: &str = "proto";

/// One file of each package whose imports reach the whole package.
const FILES: &[&str] = &[
    "odr/case/v1/case.proto",
    "odr/case/v1/handling_events.proto",
    "odr/case/v1/negotiation_events.proto",
    "odr/case/v1/notice_events.proto",
    "odr/case/v1/routing_events.proto",
    "odr/case/v1/settlement_events.proto",
    "odr/case/store/v1/case.proto",
    "odr/intake/v1/intake.proto",
    "odr/routing/v1/routing.proto",
    "odr/mediation/v1/mediation.proto",
    "odr/analytics/v1/analytics.proto",
];

/// Messages with personal data, free text or a secret code: their `Debug` is written by hand in `src/redacted.rs`.
const REDACTED: &[&str] = &[
    ".odr.intake.v1.Party",
    ".odr.intake.v1.RespondentDescription",
    ".odr.intake.v1.ComplaintForm",
    ".odr.intake.v1.ComplaintText",
    ".odr.intake.v1.Complaint",
    ".odr.intake.v1.ComplaintSummary",
    ".odr.intake.v1.FileComplaintRequest",
    ".odr.intake.v1.FileComplaintResponse",
    ".odr.intake.v1.RequestWithdrawalRequest",
    ".odr.intake.v1.GetProgressRequest",
    ".odr.routing.v1.RefuseHeldCaseRequest",
    ".odr.routing.v1.SuspendEnterpriseRequest",
    ".odr.routing.v1.RemoveEnterpriseRequest",
    ".odr.mediation.v1.OfferedTerms",
    ".odr.mediation.v1.AnswerNegotiationRequest",
    ".odr.mediation.v1.RejectProposalRequest",
    ".odr.mediation.v1.ReportHandlingRequest",
    ".odr.mediation.v1.DeclineNegotiationRequest",
    ".odr.mediation.v1.RefuseComplaintRequest",
    ".odr.mediation.v1.ReturnCaseRequest",
    ".odr.mediation.v1.ScheduleSessionRequest",
    ".odr.mediation.v1.EndMediationRequest",
    ".odr.mediation.v1.RecordMediationRequest",
    ".odr.mediation.v1.ReportBreachRequest",
    ".odr.mediation.v1.Text",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={ROOT}");
    println!("cargo:rerun-if-changed=build.rs");
    let mut descriptors = protox::compile(FILES, [ROOT])?;

    let mut config = tonic_prost_build::Config::new();
    config
        .enable_type_names()
        .bytes([".odr.mediation.v1.ArchivedEvent"])
        // Much larger than the other states.
        .boxed(".odr.case.v1.Case.detail.in_mediation")
        .boxed(".odr.case.store.v1.Case.state.in_mediation")
        .skip_debug(REDACTED);
    tonic_prost_build::configure().compile_fds_with_config(descriptors.clone(), config)?;

    // Reflection needs no comments, and they are half of the bytes.
    for file in &mut descriptors.file {
        file.source_code_info = None;
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("odr.descriptors");
    fs::write(out, descriptors.encode_to_vec())?;
    Ok(())
}
