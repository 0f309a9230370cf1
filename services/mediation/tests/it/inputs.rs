//! Bad input: every limit of every field, unknown ids, wrong states, stale etags, used request ids. Never INTERNAL.
//!
//! Field by field the case does not exist: what passes the checks is NOT_FOUND.

mod dates;
mod every;
mod lists;
mod others;
mod terms;
mod texts;
mod values;

use std::fmt::Debug;

use chassis::violations;
use tonic::{Code, Response, Status};

/// Sends a request; gives the violated fields, or nothing when only the case was not found.
macro_rules! sent {
    ($stage:expr, $who:expr, $method:ident, $request:expr) => {{
        let request = $crate::support::asking::by($who, $request);
        $crate::inputs::fields($stage.client().$method(request).await)
    }};
}
use sent;

fn fields<A: Debug>(answer: Result<Response<A>, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    if status.code() == Code::NotFound {
        return Vec::new();
    }
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let found = violations::of(&status).into_iter();
    found.map(|(field, _)| field).collect()
}

const NOTHING: [&str; 0] = [];
