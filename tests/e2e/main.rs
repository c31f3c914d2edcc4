//! The server as an editor meets it: a real process, real files, and a client that checks every message.

#[cfg(unix)]
#[path = "../common/mod.rs"]
#[allow(dead_code)]
mod common;

mod client;
mod code_action;
#[cfg(unix)]
mod commands;
mod diagnostics;
mod documents;
mod graveyard;
mod hover;
mod manners;
mod meta_model;
#[cfg(unix)]
mod prove;
mod results;
mod spec;
mod storm;
