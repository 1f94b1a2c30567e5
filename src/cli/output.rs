//! What the command line prints, and colours.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;

use super::failure::Failure;
use crate::rules::Class;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Prints to standard output; whether a reader left is told by the failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Tells something on standard error. Where even that fails there is nobody to tell.
#[expect(
    clippy::let_underscore_must_use,
    reason = "a message that can't be told is lost either way"
)]
pub(super) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether to colour standard output.
pub(super) fn colored(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}

/// Text without what a terminal would act on: control characters and those that turn the direction of text.
pub(super) fn safe(text: &str) -> String {
    let harmless = |c: char| {
        c == '\n'
            || c == '\t'
            || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c))
    };
    text.chars().map(|c| if harmless(c) { c } else { '\u{fffd}' }).collect()
}

/// A paint: the codes of ECMA-48 for a class of removed lines.
pub(super) fn tint(class: Class) -> &'static str {
    match class {
        Class::Nav | Class::Boilerplate => "\u{1b}[2m",
        Class::Related | Class::Repeat => "\u{1b}[34m",
        Class::Ad | Class::Promo => "\u{1b}[31m",
        Class::Tags | Class::Metadata => "\u{1b}[36m",
        Class::Caption | Class::Credit | Class::Embed => "\u{1b}[33m",
        Class::Disclaimer | Class::Comments | Class::Dump => "\u{1b}[35m",
    }
}

/// Bold.
pub(super) const BOLD: &str = "\u{1b}[1m";
/// Back to plain.
pub(super) const PLAIN: &str = "\u{1b}[0m";
