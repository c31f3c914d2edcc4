//! What commands print. An output that cannot be written (the disk is full) must not end a heal half-way, as the panic
//! of the usual macros would: what is lost is told when the command ends.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

use super::Failed;

/// The first error of standard output.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// `print!` to standard output.
macro_rules! print_out {
    ($($text:tt)*) => { $crate::cli::out::write(format_args!($($text)*), "") };
}

/// `println!` to standard output.
macro_rules! println_out {
    ($($text:tt)*) => { $crate::cli::out::write(format_args!($($text)*), "\n") };
}

/// `eprintln!`: a line to standard error.
macro_rules! println_err {
    ($($text:tt)*) => { $crate::cli::out::note(format_args!($($text)*)) };
}

pub(crate) use print_out as print;
pub(crate) use println_err as eprintln;
pub(crate) use println_out as println;

/// Writes to standard output, with colours where they are wanted.
pub fn write(text: Arguments<'_>, end: &str) {
    if cfg!(test) {
        return std::print!("{text}{end}"); // which a test captures
    }
    keep(std::write!(anstream::stdout().lock(), "{text}{end}"));
}

/// Writes a line to standard error. Where that is gone, nobody can be told.
pub fn note(text: Arguments<'_>) {
    if cfg!(test) {
        return std::eprintln!("{text}");
    }
    let _ = std::writeln!(anstream::stderr().lock(), "{text}");
}

/// Whether all that was printed went out.
pub fn finish() -> Result<(), Failed> {
    keep(io::stdout().flush());
    match LOST.get() {
        Some(error) => Err(Failed::usage(format!("cannot write to standard output: {error}; send it elsewhere"))),
        None => Ok(()),
    }
}

/// A reader that has read enough (`| head`) is no error.
fn keep(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = LOST.set(error);
    }
}
