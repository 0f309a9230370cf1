//! `Debug` of a message never shows a name, a number or a text of a person.

use proto::{intake, mediation, routing};

const SECRET: &str = "Zhang Sanfeng";

fn secret() -> String {
    SECRET.to_owned()
}

fn party() -> intake::v1::Party {
    intake::v1::Party {
        party_ref: "party-1".to_owned(),
        name: secret(),
        phone: secret(),
        address: secret(),
        identity_document: 1,
        identity_number: secret(),
    }
}

fn form() -> intake::v1::ComplaintForm {
    intake::v1::ComplaintForm {
        complainant: Some(party()),
        representatives: vec![party()],
        respondent: Some(intake::v1::RespondentDescription {
            name: secret(),
            phone: secret(),
            address: secret(),
            ..Default::default()
        }),
        facts: secret(),
        claims_text: secret(),
        source_number: secret(),
        ..Default::default()
    }
}

fn printed_by_intake() -> Vec<String> {
    let complaint = intake::v1::Complaint {
        form: Some(form()),
        texts: vec![intake::v1::ComplaintText {
            text: secret(),
            ..Default::default()
        }],
        ..Default::default()
    };
    let listed = intake::v1::ListComplaintsResponse {
        complaints: vec![intake::v1::ComplaintSummary {
            respondent_name: secret(),
            ..Default::default()
        }],
        ..Default::default()
    };
    let filed = intake::v1::FileComplaintResponse {
        progress_code: secret(),
        ..Default::default()
    };
    let withdrawal = intake::v1::RequestWithdrawalRequest {
        text: secret(),
        ..Default::default()
    };
    let progress = intake::v1::GetProgressRequest {
        progress_code: secret(),
        ..Default::default()
    };
    vec![
        format!("{:?}", party()),
        format!("{:?}", form()),
        format!("{:?}", form().respondent),
        format!(
            "{:?}",
            intake::v1::FileComplaintRequest {
                request_id: "r".to_owned(),
                form: Some(form())
            }
        ),
        format!("{complaint:?} {:?}", complaint.texts),
        format!("{listed:#?}"),
        format!("{filed:?}"),
        format!("{withdrawal:?}"),
        format!("{progress:?}"),
    ]
}

fn printed_by_routing() -> Vec<String> {
    use routing::v1::{RefuseHeldCaseRequest, RemoveEnterpriseRequest, SuspendEnterpriseRequest};
    vec![
        format!(
            "{:?}",
            RefuseHeldCaseRequest {
                text: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            SuspendEnterpriseRequest {
                reason: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            RemoveEnterpriseRequest {
                reason: secret(),
                ..Default::default()
            }
        ),
    ]
}

fn printed_by_mediation() -> Vec<String> {
    use mediation::v1::*;
    let terms = Some(OfferedTerms {
        text: secret(),
        ..Default::default()
    });
    let report = ReportHandlingRequest {
        course: secret(),
        method: secret(),
        result: secret(),
        ..Default::default()
    };
    vec![
        format!("{terms:?}"),
        format!(
            "{:?}",
            ProposeSettlementRequest {
                terms,
                ..Default::default()
            }
        ),
        format!("{report:?}"),
        format!(
            "{:?}",
            AnswerNegotiationRequest {
                text: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            RejectProposalRequest {
                text: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            DeclineNegotiationRequest {
                text: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            RefuseComplaintRequest {
                text: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            ReturnCaseRequest {
                text: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            ScheduleSessionRequest {
                place: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            EndMediationRequest {
                text: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            RecordMediationRequest {
                text: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            ReportBreachRequest {
                text: secret(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            Text {
                text: secret(),
                ..Default::default()
            }
        ),
    ]
}

#[test]
fn debug_shows_nothing_of_a_person() {
    let mut printed = printed_by_intake();
    printed.extend(printed_by_routing());
    printed.extend(printed_by_mediation());
    for text in printed {
        assert!(!text.contains("Sanfeng"), "{text}");
        assert!(
            text.contains(".."),
            "says that something is left out: {text}"
        );
    }
}

#[test]
fn debug_still_shows_which_request_it_was() {
    let request = mediation::v1::ReportBreachRequest {
        request_id: "request-17".to_owned(),
        case_id: "0196".to_owned(),
        text: secret(),
        ..Default::default()
    };
    let printed = format!("{request:?}");
    assert!(
        printed.contains("request-17") && printed.contains("0196"),
        "{printed}"
    );
}

/// Free text and personal data have these names; a message that takes them must be listed as redacted.
#[test]
fn every_message_with_free_text_is_redacted() {
    let build = include_str!("../../build.rs");
    let pool = prost_reflect::DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).unwrap();
    let names = [
        "text",
        "claims_text",
        "facts",
        "course",
        "method",
        "result",
        "place",
        "phone",
        "address",
        "identity_number",
        "progress_code",
        "respondent_name",
    ];
    for message in pool.all_messages() {
        let name = message.full_name();
        let holds_text = message.fields().any(|field| {
            let is_reason = name.starts_with("odr.routing.v1.") && field.name() == "reason";
            field.kind() == prost_reflect::Kind::String
                && (is_reason || names.contains(&field.name()))
        });
        if holds_text {
            assert!(
                build.contains(&format!("\".{name}\"")),
                "{name} is not redacted"
            );
        }
    }
}
