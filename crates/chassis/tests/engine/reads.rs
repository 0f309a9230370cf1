//! Reads of single rows, made together; what a batch reads first.

use chassis::store::opening::{Asked, open};
use chassis::store::requests::Key;
use futures::future::join_all;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::support::rig::scenario;
use super::support::service::Service;
use super::support::ticket::Command;
use super::support::toy::Toy;

#[test]
fn rows_asked_for_at_once_are_each_what_was_committed_before() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let mut subjects = Vec::new();
        for _ in 0..5 {
            subjects.push(left.open(1).await);
        }
        subjects.push(Uuid::now_v7());
        for adds in 0..3 {
            // the same one several times, too
            let asked = subjects.iter().cycle().take(600);
            let rows = join_all(asked.clone().map(|subject| left.engine.pool.row(*subject))).await;
            for (subject, row) in asked.zip(rows) {
                let version = row.unwrap().map(|row| (row.subject, row.position.version));
                let known = (*subject != subjects[5]).then_some((*subject, 1 + adds));
                assert_eq!(version, known);
            }
            for subject in &subjects[..5] {
                left.call(*subject, Command::Add(1)).await.unwrap();
            }
        }
    });
}

#[test]
fn a_read_is_answered_though_its_connection_was_cut_meanwhile() {
    scenario(async |rig| {
        let left = Service::ready(rig, Toy::left(), &rig.database("left").await).await;
        let subject = left.open(1).await;
        let mut others = left.connection().await;
        for round in 0..3 {
            let row = left.engine.pool.row(subject).await.unwrap();
            assert!(row.is_some(), "round {round}");
            let cut: Vec<bool> = sqlx::query_scalar(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity
                 where application_name = 'left reader' and datname = current_database()",
            )
            .fetch_all(&mut others)
            .await
            .unwrap();
            assert!(cut.contains(&true), "round {round}");
        }
    });
}

#[test]
fn request_ids_are_looked_up_one_by_one_though_the_table_was_empty_when_it_was_analysed() {
    scenario(async |rig| {
        let url = rig.database("left").await;
        let options = chassis::engine::connection(&url, "a writer").unwrap();
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        let run = async |connection: &mut PgConnection, sql| {
            sqlx::raw_sql(sql).execute(connection).await.unwrap();
        };
        run(&mut connection, "vacuum analyze chassis.requests").await;
        let key = Key {
            principal: "p".into(),
            method: "m".into(),
            request_id: "7".into(),
        };
        let asked = Asked {
            keys: &[&key],
            subjects: &[],
            looked_at: &[],
        };
        // The plan is made here and kept.
        let opened = open(&mut connection, asked).await.unwrap();
        assert!(opened.answered.is_empty());
        let many =
            "insert into chassis.requests (principal, method, request_id, body_hash, response)
                    select 'p', 'm', n::text, '', '' from generate_series(1, 5000) n";
        run(&mut connection, many).await;
        let entries_read = async |connection: &mut PgConnection| -> i64 {
            run(connection, "select pg_stat_force_next_flush()").await;
            sqlx::query_scalar(
                "select idx_tup_read from pg_stat_user_indexes where indexrelname = 'requests_pkey'",
            )
            .fetch_one(connection)
            .await
            .unwrap()
        };
        let before = entries_read(&mut connection).await;
        let opened = open(&mut connection, asked).await.unwrap();
        assert_eq!(opened.answered.len(), 1);
        let read = entries_read(&mut connection).await - before;
        assert!(
            (1..10).contains(&read),
            "{read} entries of the index for one key"
        );
        connection.close().await.unwrap();
    });
}
