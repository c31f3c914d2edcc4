//! Requests: one file per method. Each is a function of the world of its moment.

pub mod code_action;
pub mod code_action_resolve;
pub mod code_lens;
pub mod definition;
pub mod diagnostic;
pub mod document_symbol;
pub mod fix_all;
pub mod folding_range;
pub mod hover;
pub mod initialize;
pub mod inlay_hint;
pub mod judgements;
pub mod results;
pub mod symbol;
