//! The wire contract: generated types of `odr.*.v1`, and conversions between them and the case.
//!
//! `event` reads and writes events of the log, `store` the stored case, `view` builds what callers read, `wire` reads
//! what callers send. Knows `case` and `law`; no service, no storage, no transport but the generated gRPC code.

/// Generated code, in the shape of the packages.
pub mod odr {
    /// Packages `odr.case`.
    pub mod case {
        /// Events, the case as it is read, and the lists they share.
        pub mod v1 {
            tonic::include_proto!("odr.case.v1");
        }
        /// Packages `odr.case.store`.
        pub mod store {
            /// A case as services store it.
            pub mod v1 {
                tonic::include_proto!("odr.case.store.v1");
            }
        }
    }
    /// Packages `odr.intake`.
    pub mod intake {
        /// Submissions, parties, texts, progress.
        pub mod v1 {
            tonic::include_proto!("odr.intake.v1");
        }
    }
    /// Packages `odr.routing`.
    pub mod routing {
        /// Holders, directory, registry.
        pub mod v1 {
            tonic::include_proto!("odr.routing.v1");
        }
    }
    /// Packages `odr.mediation`.
    pub mod mediation {
        /// Negotiation, handling, mediation, performance, archive.
        pub mod v1 {
            tonic::include_proto!("odr.mediation.v1");
        }
    }
    /// Packages `odr.analytics`.
    pub mod analytics {
        /// Totals, indicators, facts.
        pub mod v1 {
            tonic::include_proto!("odr.analytics.v1");
        }
    }
}

mod error;
pub mod event;
mod listed;
mod parts;
mod redacted;
mod scalar;
pub mod store;
pub mod view;
pub mod wire;

pub use error::DecodeError;
pub use odr::case::v1;
pub use odr::{analytics, intake, mediation, routing};

/// Descriptors of every package generated here, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/odr.descriptors"));
