//! Writes the manual pages and the shell completions that the packages hold: `documents FOLDER` makes `man/` and
//! `completions/` in that folder. All of them come from what the program itself reads, so they can't fall behind it.

mod commands;
mod configuration;
mod page;
mod rules;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use clap_complete::Shell;

/// The shells that completions are written for.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        return fail("say which folder the documents go into");
    };
    match write_documents(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("{}: {error}", folder.display())),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "this is how a tool of the build tells what went wrong"
)]
fn fail(message: &str) -> ExitCode {
    eprintln!("documents: {message}");
    ExitCode::FAILURE
}

fn write_documents(folder: &Path) -> io::Result<()> {
    let (manual, completions) = (folder.join("man"), folder.join("completions"));
    fs::create_dir_all(&manual)?;
    fs::create_dir_all(&completions)?;
    for (name, page) in pages()? {
        write(&manual.join(name), &page)?;
    }
    for shell in SHELLS {
        clap_complete::generate_to(shell, &mut dehusk::cli::command(), "dehusk", &completions)?;
    }
    Ok(())
}

/// Every manual page with the name of its file.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut pages = commands::pages(dehusk::cli::command())?;
    pages.push(("dehusk.toml.5".to_owned(), configuration::page().into_bytes()));
    pages.push(("dehusk-rules.5".to_owned(), rules::page().into_bytes()));
    Ok(pages)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a tool of the build writes its output in one go; nobody reads it meanwhile"
)]
fn write(path: &Path, page: &[u8]) -> io::Result<()> {
    fs::write(path, page)
}
