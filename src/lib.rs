//! pytest-medic reads what pytest printed, shows every failure where it belongs in the test, and offers
//! a fix that was looked up, guarded and proven by a rerun.
//!
//! The flow has one direction. The *log* of a run is parsed to a [`report`]; each failure in it becomes
//! a [`diagnosis`]; [`strategies`] propose candidate [`fix`]es from the facts of a [`workspace`] snapshot;
//! the [`guard`] refuses what would weaken the test; [`validation`] reruns what is left; [`heal`] knows that
//! order, and the edges ([`server`], [`cli`]) show the result to people.
//!
//! Modules are listed bottom layer first; a module names only modules above it in this list
//! (`tests/tidy.rs` holds that picture).

pub mod text;

pub mod syntax;

pub mod rules;

pub mod report;

pub mod results;

pub mod graveyard;

pub mod workspace;

pub mod diagnosis;

pub mod fix;

pub mod strategies;

pub mod guard;

pub mod validation;

pub mod heal;

pub mod mcp;

pub mod metrics;

pub mod server;

pub mod cli;

#[cfg(test)]
mod fixture;
