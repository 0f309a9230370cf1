//! Calls by method and code. Only methods that the server describes are told apart: callers cannot invent labels.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use opentelemetry::{KeyValue, StringValue};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::Code;

use super::INSTRUMENTS;

/// The label of each known method, made once.
#[derive(Clone, Debug)]
pub(crate) struct Methods {
    known: Arc<HashMap<String, KeyValue>>,
    other: KeyValue,
}

impl Methods {
    /// The methods that these descriptor sets describe; a set that cannot be read describes none.
    pub(crate) fn of<'a>(sets: impl Iterator<Item = &'a [u8]>) -> Self {
        let files = sets
            .filter_map(|set| FileDescriptorSet::decode(set).ok())
            .flat_map(|set| set.file);
        let mut known = HashMap::new();
        for file in files {
            for service in &file.service {
                for method in &service.method {
                    let path = format!("{}.{}/{}", file.package(), service.name(), method.name());
                    let label = label(&path);
                    known.insert(path, label);
                }
            }
        }
        Self {
            known: Arc::new(known),
            other: label("_OTHER"),
        }
    }

    /// Starts timing a call of `method` (`package.Service/Method`).
    pub(crate) fn time(&self, method: &str) -> Timed {
        Timed {
            method: self.known.get(method).unwrap_or(&self.other).clone(),
            started_at: Instant::now(),
            code: Code::Cancelled,
        }
    }
}

fn label(method: &str) -> KeyValue {
    KeyValue::new("rpc.method", StringValue::from(Arc::<str>::from(method)))
}

/// A call under way; told when it is dropped. One that was never answered was cancelled by its caller.
#[derive(Debug)]
pub(crate) struct Timed {
    method: KeyValue,
    started_at: Instant,
    code: Code,
}

impl Timed {
    /// The call was answered.
    pub(crate) fn answered(mut self, code: Code) {
        self.code = code;
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        let labels = [
            KeyValue::new("rpc.system.name", "grpc"),
            self.method.clone(),
            KeyValue::new("rpc.response.status_code", code_name(self.code)),
        ];
        let took = self.started_at.elapsed().as_secs_f64();
        INSTRUMENTS.calls.record(took, &labels);
    }
}

/// A code as the conventions write it.
pub(crate) const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_cannot_invent_methods() {
        let methods = Methods::of([crate::pb::FILE_DESCRIPTOR_SET, b"no descriptors"].into_iter());
        for (asked, told) in [
            (
                "odr.ops.v1.OpsService/GetStatus",
                "odr.ops.v1.OpsService/GetStatus",
            ),
            ("odr.ops.v1.OpsService/Invented", "_OTHER"),
            ("", "_OTHER"),
        ] {
            let timed = methods.time(asked);
            assert_eq!(timed.method.value.as_str(), told);
            assert_eq!(timed.code, Code::Cancelled, "until it is answered");
        }
    }
}
