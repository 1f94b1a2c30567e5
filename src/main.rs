//! The command line: picks a command, turns its outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    dehusk::cli::main()
}
