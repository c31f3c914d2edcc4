//! Finding and running the command that runs the tests.
