//! Kafka as one KRaft node: its settings, its command, and when it is ready.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::artifacts::{Artifacts, copy_directory, remove, run};
use crate::ports::free_port;
use crate::process::{Identity, tail};
use crate::wait;

/// The same for every node: topics are made on purpose, one replica of everything, the broker's own time,
/// and short sessions, so that a killed broker or consumer is given up within seconds.
const SETTINGS: &str = "\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
log.message.timestamp.type=LogAppendTime
log.retention.ms=-1
log.retention.bytes=-1
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.min.heartbeat.interval.ms=100
group.consumer.session.timeout.ms=6000
group.consumer.heartbeat.interval.ms=500
";

/// Formats an empty log directory at `data`.
pub(crate) fn format(artifacts: &Artifacts, data: &Path) -> Result<()> {
    let properties = data.with_extension("properties");
    write_properties(&properties, data, free_port()?)?;
    let formatted = run(java(artifacts)?
        .args([
            "-Xshare:auto",
            "kafka.tools.StorageTool",
            "format",
            "--cluster-id",
        ])
        .arg(cluster_id())
        .arg("--config")
        .arg(&properties));
    remove(&properties)?;
    formatted
}

/// Runs a node once and lets its JVM write the classes it loaded to `archive`: later starts take half the time.
pub(crate) fn record_classes(artifacts: &Artifacts, archive: &Path) -> Result<()> {
    let directory = archive.with_extension("training");
    remove(&directory)?;
    prepare(artifacts, &directory)?;
    let port = free_port()?;
    let log = directory.join("kafka.log");
    let option = format!("-XX:ArchiveClassesAtExit={}", archive.display());
    let mut command = node(artifacts, &directory, port, &[option], File::create(&log)?)?;
    let mut child = command.spawn().context("cannot run java")?;
    let started = wait::until(Duration::from_secs(90), || is_ready(port).then_some(()));
    if let Some(node) = Identity::of(child.id()) {
        node.end(libc::SIGTERM, Duration::from_secs(60))?;
    }
    child.wait()?;
    ensure!(started.is_some(), "Kafka did not start:\n{}", tail(&log));
    remove(&directory)
}

/// Makes `directory` hold a formatted log directory, unless it already does.
pub(crate) fn prepare(artifacts: &Artifacts, directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    let data = directory.join("data");
    if !data.exists() {
        let partial = directory.join("data.partial");
        remove(&partial)?;
        copy_directory(&artifacts.kafka_template(), &partial)?;
        fs::rename(&partial, &data)?;
    }
    Ok(())
}

/// The command that runs the node in the foreground, its output going to `log`.
pub(crate) fn server(
    artifacts: &Artifacts,
    directory: &Path,
    port: u16,
    log: File,
) -> Result<Command> {
    // -Xshare:auto: after a change of the JVM the archive is left aside without a word
    let archive = format!(
        "-XX:SharedArchiveFile={}",
        artifacts.kafka_classes().display()
    );
    node(
        artifacts,
        directory,
        port,
        &[archive, "-Xshare:auto".into(), "-Xlog:cds=off".into()],
        log,
    )
}

/// Whether the node answers a metadata request on this loopback port.
pub(crate) fn is_ready(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
        return false;
    }
    answers(&address.to_string(), Duration::from_secs(2))
}

/// Whether the brokers at `bootstrap` answer a metadata request within `bound`.
pub(crate) fn answers(bootstrap: &str, bound: Duration) -> bool {
    let client: Result<BaseConsumer, _> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create();
    client
        .and_then(|client| client.fetch_metadata(None, bound))
        .is_ok_and(|metadata| !metadata.brokers().is_empty())
}

/// A node of one machine for an hour: what the large compiler and collector gain, they take here while they work for it.
const SMALL: [&str; 4] = [
    "-Xms128m",
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
];

fn node(
    artifacts: &Artifacts,
    directory: &Path,
    port: u16,
    options: &[String],
    log: File,
) -> Result<Command> {
    let properties = directory.join("server.properties");
    write_properties(&properties, &directory.join("data"), port)?;
    let mut command = java(artifacts)?;
    command
        .args(options)
        .args(SMALL)
        .arg("kafka.Kafka")
        .arg(&properties);
    command
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    Ok(command)
}

fn java(artifacts: &Artifacts) -> Result<Command> {
    let mut command = Command::new("java");
    // its list of several hundred settings at every start would bury what matters in the log
    command.arg("-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn");
    command.args([
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Djava.awt.headless=true",
    ]);
    command.arg("-cp").arg(artifacts.classpath()?);
    Ok(command)
}

fn write_properties(file: &Path, data: &Path, port: u16) -> Result<()> {
    let controller = free_port()?;
    let text = format!(
        "{SETTINGS}log.dirs={data}\n\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n",
        data = data.display(),
    );
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// A cluster id in Kafka's form: 16 random bytes in 22 characters; hexadecimal ones are among the permitted.
fn cluster_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..22].to_owned()
}
