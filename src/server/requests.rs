//! Requests: one file per method. Each is a function of the world of its moment.

pub mod code_action;
pub mod code_action_resolve;
pub mod hover;
pub mod initialize;
pub mod results;
