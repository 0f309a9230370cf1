//! The deployment: the compose stack really started, killed, upgraded, backed up and restored; the manifests of Kubernetes checked.
//!
//! `./dev test` starts a Docker engine and makes the images, and says where they are; without an engine only the descriptions are checked.

mod backups;
mod compose;
mod described;
mod filer;
mod manifests;
mod platform;
mod runbook;
mod upheavals;
