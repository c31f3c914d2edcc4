//! argv in, exit code out.

fn main() -> std::process::ExitCode {
    pytest_medic::cli::run(std::env::args_os())
}
