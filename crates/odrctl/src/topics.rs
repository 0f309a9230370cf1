//! `odrctl topics`: the topics made from their file, and every record of them in files and back.

mod dump;
mod kept;
mod load;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use devstack::topics::{self, Topic};

use crate::out::line;

/// Topics and the cluster they are on.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// Kafka's bootstrap servers
    #[arg(long, env = "ODR_KAFKA", default_value = "127.0.0.1:9094")]
    kafka: String,
    /// The file that declares the topics
    #[arg(
        long,
        env = "ODR_TOPICS_FILE",
        default_value = "deploy/kafka/topics.yaml"
    )]
    file: PathBuf,
    /// Put before every topic's name
    #[arg(long, env = "ODR_TOPIC_PREFIX", default_value = "")]
    prefix: String,
}

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Create what is missing; a topic that is there stays as it is
    Apply {
        #[command(flatten)]
        place: Place,
        /// This many partitions instead of the declared number: 48 or more in production, never changed afterwards
        #[arg(long, env = "ODR_PARTITIONS")]
        partitions: Option<i32>,
        /// Each record on this many brokers instead of the declared number: 3 in production
        #[arg(long, env = "ODR_REPLICATION_FACTOR")]
        replication_factor: Option<i32>,
    },
    /// Write every record up to now into a folder, a file a partition
    Dump {
        #[command(flatten)]
        place: Place,
        /// The folder; made if it is missing, refused if it holds anything
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Put the records of a dump back, in their partitions and order, into topics that hold none
    Load {
        #[command(flatten)]
        place: Place,
        /// The folder
        #[arg(long, value_name = "FOLDER")]
        from: PathBuf,
    },
}

pub(crate) async fn run(action: Action) -> Result<()> {
    match action {
        Action::Apply {
            place,
            partitions,
            replication_factor,
        } => {
            let mut topics = place.topics()?;
            for topic in &mut topics {
                topic.partitions = partitions.unwrap_or(topic.partitions);
                topic.replication_factor = replication_factor.unwrap_or(topic.replication_factor);
            }
            topics::ensure_exist(&place.kafka, &topics).await?;
            for topic in topics {
                line(format_args!(
                    "{}: {} partitions",
                    topic.name, topic.partitions
                ));
            }
            Ok(())
        }
        Action::Dump { place, to } => dump::run(&place, &to),
        Action::Load { place, from } => load::run(&place, &from),
    }
}

impl Place {
    /// The declared topics under their full names.
    fn topics(&self) -> Result<Vec<Topic>> {
        let mut topics = topics::read(&self.file)?;
        for topic in &mut topics {
            topic.name.insert_str(0, &self.prefix);
        }
        Ok(topics)
    }
}
