//! The engine on the real PostgreSQL and Kafka, with a toy subject (a ticket) that two services own in turn.

mod admitting;
mod calls;
mod positions;
mod recovering;
mod support;
