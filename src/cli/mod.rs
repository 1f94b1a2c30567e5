//! The command line.

mod arguments;
mod bundle;
mod check;
mod clean;
mod diff;
mod doctor;
mod done;
mod drift;
mod explain;
mod failure;
mod import_ftr;
mod input;
mod jobs;
mod learn;
mod new;
mod new_file;
mod output;
mod pipe;
mod quarantine;
mod quarantine_arguments;
mod quarantine_list;
mod rerun;
mod rule_source;
mod run;
mod schema;
mod status;
mod suggest;
mod test;
mod warc;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command};
use failure::Failure;

use crate::guard::{guarded, silence_panics};

/// Runs the command that the arguments name and turns its outcome into an exit code: 0 where all went well, 1 where a
/// page could not be cleaned or a check found faults, 2 where the command could not work at all, 3 where no daemon runs
/// to tell its status.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    silence_panics();
    let outcome = guarded(|| carry_out(&arguments.command)).unwrap_or_else(|fault| Err(Failure::Usage(fault)));
    match outcome {
        // Whoever reads the output may leave when they have seen enough.
        Ok(true) | Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(Failure::NotRunning) => ExitCode::from(3),
        Err(failure) => {
            output::tell(&format!("dehusk: {failure}"));
            ExitCode::from(2)
        }
    }
}

/// Everything that can be typed, for those who make manual pages and completions of it.
pub fn command() -> clap::Command {
    Arguments::command()
}

fn carry_out(command: &Command) -> Result<bool, Failure> {
    match command {
        Command::Run(options) => run::run(options),
        Command::Clean(options) => clean::run(options),
        Command::Explain(options) => explain::run(options),
        Command::Check(options) => check::run(options),
        Command::Test(options) => test::run(options),
        Command::Diff(options) => diff::run(options),
        Command::New(options) => new::run(options),
        Command::Learn(options) => learn::run(options),
        Command::Suggest(options) => suggest::run(options),
        Command::Drift(options) => drift::run(options),
        Command::Rerun(options) => rerun::run(options),
        Command::ImportFtr(options) => import_ftr::run(options),
        Command::Quarantine(options) => quarantine::run(options),
        Command::Status(options) => status::run(options),
        Command::Doctor(options) => doctor::run(options),
        Command::Pipe(options) => pipe::run(options),
        Command::Bundle(options) => bundle::run(options),
        Command::Warc(options) => warc::run(options),
        Command::Schema => schema::run(),
    }
}
