//! Structural rewrites: a pattern with holes and a template, learned from pairs of wrong and right code.
//!
//! One engine serves three teachers: lessons of a graveyard, commits that changed callers, accepted fixes.
//! What both sides share is context with holes, what differs is essential; names are followed through the
//! imports of the file they stand in.
//!
//! ```
//! use pytest_medic::rules::{Rule, RuleSet};
//! use pytest_medic::syntax::Source;
//! use pytest_medic::text::FilePath;
//!
//! let rules = RuleSet::new(Rule::learn("cart.totl()", "cart.total()", ""));
//! let source = Source::parse("assert self.cart.totl() == 3\n");
//! let found = rules.find(&source);
//! let edits = found[0].rewrite(&FilePath::new("t.py")).unwrap();
//! assert_eq!(pytest_medic::text::apply(source.text(), &edits).unwrap(), "assert self.cart.total() == 3\n");
//! ```

mod abstraction;
mod arguments;
mod beginnings;
mod context;
mod diff;
mod edits;
mod edits_of_imports;
mod edits_of_lists;
mod edits_of_statements;
mod find;
mod fragment;
mod functions;
mod groups;
mod imports;
mod learn;
mod literals;
mod names;
mod origin;
mod pattern;
mod place;
mod rewrite;
mod rule;
mod together;
mod tree;
mod units;
mod warning;

pub use find::{Match, RuleSet};
pub use rule::Rule;

#[cfg(test)]
mod tests;
