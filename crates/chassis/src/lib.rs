//! What every service gets for free: settings, telemetry, a gRPC server, and the unit of work
//! over an ordered log: writer, outbox and relay, consumer, parking, deadlines, clock.
//!
//! Knows no case: it moves envelopes and bytes, and asks the service's `Work` for meaning.

#[macro_use]
mod failpoints;

pub mod admission;
pub mod clock;
pub mod config;
pub mod consumer;
pub mod deadline;
pub mod engine;
pub mod envelope;
pub mod leadership;
pub mod metrics;
pub mod ops;
mod pace;
pub mod pending;
pub mod principal;
pub mod probe;
pub mod producer;
pub mod relay;
pub mod sensitive;
pub mod server;
pub mod shutdown;
pub mod status;
pub mod store;
pub mod telemetry;
pub mod violations;
pub mod waiting;
pub mod work;
pub mod writer;

/// Generated code of `odr.ops.v1`.
pub mod pb {
    tonic::include_proto!("odr.ops.v1");

    /// The descriptors of `odr.ops.v1`, for reflection.
    pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("ops_descriptor");
}
