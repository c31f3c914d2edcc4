//! The server as an editor meets it: a real process, real files, and a client that checks every message.

mod client;
mod code_action;
#[cfg(unix)]
mod commands;
mod diagnostics;
mod documents;
mod hover;
mod manners;
mod meta_model;
mod results;
mod spec;
mod storm;
