//! Who may read which figures. They name no person, but an enterprise's figures are not its rivals'.

use case::{Actor, ActorKind, Reason};

/// Whether the actor may read figures of this enterprise, or of all (`None`): who handles cases or runs the platform
/// reads everything, an enterprise reads itself, a consumer nothing.
///
/// # Errors
/// The reason, for PERMISSION_DENIED.
pub(crate) fn may_read(by: &Actor, enterprise: Option<&str>) -> Result<(), Reason> {
    let may = match by.kind {
        ActorKind::Official
        | ActorKind::Operator
        | ActorKind::Staff
        | ActorKind::Agency
        | ActorKind::System => true,
        ActorKind::Enterprise => enterprise.is_some() && by.org.as_deref() == enterprise,
        ActorKind::Consumer => false,
    };
    if may {
        Ok(())
    } else {
        Err(Reason::ActorNotPermitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_reads_what_is_its() {
        const OWN: &str = "91110000600037341L";
        let rows = [
            (ActorKind::Official, None, true),
            (ActorKind::Operator, None, true),
            (ActorKind::Staff, Some(OWN), true),
            (ActorKind::Agency, None, true),
            (ActorKind::System, None, true),
            (ActorKind::Enterprise, Some(OWN), true),
            (ActorKind::Enterprise, Some("91350100M000100Y43"), false),
            (ActorKind::Enterprise, Some(""), false),
            (ActorKind::Enterprise, None, false),
            (ActorKind::Consumer, None, false),
            (ActorKind::Consumer, Some(OWN), false),
        ];
        for (kind, enterprise, may) in rows {
            let by = Actor {
                kind,
                org: Some(OWN.to_owned()),
                subject: Some("u-1".to_owned()),
            };
            assert_eq!(
                may_read(&by, enterprise).is_ok(),
                may,
                "{kind} {enterprise:?}"
            );
        }
    }
}
