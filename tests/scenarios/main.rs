//! Scenarios: whole flows on the real PostgreSQL and Kafka, with the four services as processes.
