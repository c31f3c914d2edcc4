//! The result store: the latest outcome of every test, whatever run it came from.
