//! Private servers, for real: started, used, killed, started again, and gone when dropped.
#![expect(
    clippy::unwrap_used,
    reason = "a test may fail by panicking, in its own functions too"
)]

use std::path::PathBuf;

use devstack::servers::{Kind, ServerOptions, Servers};
use devstack::topics::TopicOptions;
use devstack::{Identity, databases, topics};
use sqlx::{Connection, PgConnection};

/// A directory that is removed when the test ends, however it ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let directory =
            PathBuf::from("/var/tmp").join(format!("devstack-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        Scratch(directory)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        Servers::stop(&self.0).unwrap();
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

async fn count(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let found = sqlx::query_scalar("SELECT count(*) FROM kept")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    found
}

async fn keep_a_row(url: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn private_servers_keep_their_data_when_killed_and_leave_no_process() {
    let scratch = Scratch::new("private");
    let mut servers = Servers::private(&scratch.0).unwrap();
    let addresses = servers.addresses();

    let url = databases::create_fresh(&addresses.database_url, "case_file")
        .await
        .unwrap();
    keep_a_row(&url).await;
    assert_eq!(
        databases::ensure_exists(&addresses.database_url, "case_file")
            .await
            .unwrap(),
        url
    );
    let copy = databases::copy(&addresses.database_url, "case_file", "case_copy")
        .await
        .unwrap();
    assert_eq!(count(&copy).await, 1);

    let options = TopicOptions {
        prefix: "one.".into(),
        partitions: Some(3),
    };
    let names = topics::create(&addresses.kafka, &options).await.unwrap();
    assert_eq!(
        names,
        ["one.odr.case.events.v1", "one.odr.registry.events.v1"]
    );
    assert_eq!(
        topics::create(&addresses.kafka, &options).await.unwrap(),
        names
    );

    for kind in [Kind::Postgres, Kind::Kafka] {
        servers.kill(kind).unwrap();
        servers.start_again(kind).unwrap();
    }
    assert_eq!(servers.addresses(), addresses);
    assert_eq!(count(&url).await, 1);
    let other = TopicOptions {
        partitions: Some(4),
        ..options
    };
    let refusal = topics::create(&addresses.kafka, &other)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("has 3 partitions instead of 4"),
        "{refusal}"
    );
    topics::remove(&addresses.kafka, "one.").await.unwrap();
    databases::remove(&addresses.database_url, "case_copy")
        .await
        .unwrap();

    let pids = [Kind::Postgres, Kind::Kafka].map(|kind| servers.pid(kind));
    let processes = pids.map(|pid| Identity::of(pid).unwrap());
    drop(servers);
    assert!(processes.iter().all(|process| !process.is_alive()));
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_servers_are_found_by_concurrent_callers_and_keep_data_unless_fresh() {
    let scratch = Scratch::new("shared");
    let options = ServerOptions {
        state_directory: scratch.0.clone(),
        postgres_port: None,
        kafka_port: None,
        fresh: false,
    };
    let start = |options: ServerOptions| {
        std::thread::spawn(move || Servers::start_local(&options).unwrap())
    };
    let (first, second) = (start(options.clone()), start(options.clone()));
    let (first, second) = (first.join().unwrap(), second.join().unwrap());
    assert_eq!(first, second);

    let url = databases::create_fresh(&first.database_url, "case_file")
        .await
        .unwrap();
    keep_a_row(&url).await;
    let running = Servers::recorded(&scratch.0).unwrap();
    assert!(running.len() == 2 && running.iter().all(|instance| instance.is_ready()));

    Servers::stop(&scratch.0).unwrap();
    assert!(running.iter().all(|instance| !instance.is_alive()));
    let again = start(options.clone()).join().unwrap();
    assert_eq!(again, first, "the same ports as before");
    assert_eq!(count(&url).await, 1);

    let fresh = start(ServerOptions {
        fresh: true,
        ..options
    })
    .join()
    .unwrap();
    let server = fresh.database_url.clone();
    let mut connection = PgConnection::connect(&server).await.unwrap();
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = 'case_file'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!(kept, 0);
    connection.close().await.unwrap();
    Servers::purge(&scratch.0).unwrap();
    assert!(!scratch.0.exists());
    std::fs::create_dir(&scratch.0).unwrap();
}
