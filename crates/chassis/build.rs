//! Generates `odr.ops.v1`, the operations service every service serves.

use prost::Message as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = "../../proto/proto";
    println!("cargo:rerun-if-changed={root}/odr/ops/v1");
    let descriptors = protox::compile(["odr/ops/v1/ops.proto"], [root])?;
    let out = std::path::PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("ops_descriptor.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
