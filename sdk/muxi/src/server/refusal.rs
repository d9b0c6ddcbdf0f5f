//! What the server's refusals mean.

use agent_platform_core::{CommonKind, Refusal};

use crate::error::ErrorKind;

/// What a refusal means beyond what its status says.
pub(super) fn refine(refusal: &Refusal<'_>) -> Option<(ErrorKind, String)> {
    let Refusal { kind, body, said, context, .. } = refusal;
    let text = body.text().unwrap_or_default();
    match kind {
        CommonKind::Unauthorized if text.starts_with("Request expired") => {
            let line = format!(
                "the time of this machine differs from that of {} by more than it takes ({said}); set the clock",
                context.base_url
            );
            Some((ErrorKind::Unauthorized, line))
        }
        CommonKind::Unauthorized if text == "Invalid signature" => {
            Some((ErrorKind::Unauthorized, format!("the secret key is not that of the key id ({said}); check both")))
        }
        CommonKind::Unauthorized if text == "Invalid key" => {
            Some((ErrorKind::Unauthorized, format!("the server does not know the key id ({said}); check it")))
        }
        _ => None,
    }
}

/// The kind of a failure that a stream tells, which a plain answer would have told with its status.
pub(super) fn kind_of(name: &str) -> ErrorKind {
    match name {
        "NotFound" => ErrorKind::NotFound,
        "AlreadyRunning" | "AlreadyStopped" | "AlreadyUpdating" | "DeploymentConflict" | "FormationExists"
        | "NoChange" => ErrorKind::Conflict,
        "ExtractError" | "IDMismatch" | "InvalidFormationID" | "InvalidRuntime" | "MissingHeader"
        | "NoPreviousVersion" | "ParseError" | "ResolveError" | "SecretsError" | "VersionMismatch" => {
            ErrorKind::Rejected
        }
        _ => ErrorKind::BackendFailed,
    }
}
