//! Where processes cannot fork, every trial runs in a fresh one.

use super::trial::{Setting, Shown, Trial};

/// Stands for the fork server.
#[derive(Default)]
pub(super) struct Warm;

impl Warm {
    /// Nothing can be prepared.
    pub(super) fn expect(&mut self, _: impl IntoIterator<Item = String>) {}

    /// Says why not.
    pub(super) fn run(&mut self, _: &Setting, _: &Trial) -> Result<Shown, String> {
        Err("this system has no fork".to_string())
    }
}
