//! `dehusk quarantine`.

use std::ffi::OsStr;
use std::io::{self, BufRead, IsTerminal};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use jiff::Timestamp;

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::require_config;
use super::output::{print, tell};
use super::quarantine_arguments::{Choice, QuarantineAction, QuarantineCommand, Selection};
use super::quarantine_list::Listing;
use crate::daemon::{DeadLetter, DeadLetters, Reason, Retried, harmless, shown};

/// How much of a page is shown, in bytes.
const HEAD_BYTES_MAX: u64 = 2_000;

/// How many of its lines.
const HEAD_LINES_MAX: usize = 20;

/// Lists, shows, retries or deletes pages that could not be cleaned; says whether all went well.
pub(super) fn run(command: &QuarantineCommand) -> Result<bool, Failure> {
    match &command.action {
        QuarantineAction::List(options) => list(options.json, &options.selection, &options.config),
        QuarantineAction::Show(options) => show(&options.name, &options.config),
        QuarantineAction::Retry(choice) => {
            let (letters, picked) = picked(choice)?;
            retry(letters.as_ref(), &picked).map(|went_well| went_well && picked.all_found)
        }
        QuarantineAction::Drop(options) => {
            let (letters, picked) = picked(&options.choice)?;
            drop_pages(letters.as_ref(), &picked, options.yes).map(|went_well| went_well && picked.all_found)
        }
    }
}

/// The dead letters that a command is about.
struct Picked {
    letters: Vec<DeadLetter>,
    /// Whether every name was found.
    all_found: bool,
}

fn open(config: &ConfigOption) -> Result<Option<DeadLetters>, Failure> {
    let loaded = require_config(config.config.as_deref())?;
    let spool = &loaded.config.spool;
    let root = loaded.resolve(&spool.folder);
    let failed = root.join(&spool.failed);
    DeadLetters::open(failed.clone(), root.join(&spool.inbox), root.join(&spool.work)).map_err(|error| {
        if error.kind() == io::ErrorKind::WouldBlock {
            let folder = shown(&failed);
            return Failure::Usage(format!("{folder}: another `dehusk quarantine` is at work here"));
        }
        Failure::File { path: failed, error }
    })
}

fn those(letters: Option<&DeadLetters>, is_wanted: impl Fn(&DeadLetter) -> bool) -> Result<Vec<DeadLetter>, Failure> {
    letters.map_or(Ok(Vec::new()), |letters| Ok(letters.those(is_wanted)?))
}

impl Selection {
    fn takes(&self, letter: &DeadLetter) -> bool {
        let fits = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        fits(&self.code, &letter.reason.code) && fits(&self.site, &letter.reason.site)
    }
}

fn picked(choice: &Choice) -> Result<(Option<DeadLetters>, Picked), Failure> {
    let names = &choice.names;
    let letters = open(&choice.config)?;
    let is_named = |letter: &DeadLetter| names.iter().any(|name| is_called(letter, name));
    let is_picked = |letter: &DeadLetter| {
        if names.is_empty() {
            choice.selection.takes(letter)
        } else {
            is_named(letter)
        }
    };
    let found = those(letters.as_ref(), is_picked)?;
    let mut all_found = true;
    for name in names {
        if !found.iter().any(|letter| is_called(letter, name)) {
            tell(&not_found(name));
            all_found = false;
        }
    }
    let picked = Picked {
        letters: found,
        all_found,
    };
    Ok((letters, picked))
}

/// A page is named by its path as it is, or as the list prints it.
fn is_called(letter: &DeadLetter, name: &OsStr) -> bool {
    letter.name.as_os_str() == name || name.to_str() == Some(&letter.shown())
}

fn not_found(name: &OsStr) -> String {
    let name = shown(Path::new(name));
    format!("{name}: no page of that name is in quarantine; `dehusk quarantine list` tells the names")
}

fn list(as_json: bool, selection: &Selection, config: &ConfigOption) -> Result<bool, Failure> {
    let letters = open(config)?;
    let mut listing = Listing::new(as_json);
    if let Some(letters) = &letters {
        letters.each(|letter| {
            if selection.takes(&letter) {
                listing.add(letters, letter)
            } else {
                Ok(())
            }
        })?;
    }
    listing.end(letters.as_ref())?;
    Ok(true)
}

fn show(name: &OsStr, config: &ConfigOption) -> Result<bool, Failure> {
    let letters = open(config)?;
    let found = those(letters.as_ref(), |letter| is_called(letter, name))?;
    let Some((letters, letter)) = letters.as_ref().zip(found.first()) else {
        tell(&not_found(name));
        return Ok(false);
    };
    print(&in_words(letter))?;
    if !letter.has_page {
        print("\nThe page itself is gone.\n")?;
        return Ok(true);
    }
    let head = letters.head(letter, HEAD_BYTES_MAX)?;
    let size = letters.size(letter).unwrap_or(0);
    print(&match head {
        Some(head) => format!("\nThe page, {size} bytes, begins:\n{}", escaped(&head)),
        None => "\nIt is no regular file.\n".to_owned(),
    })?;
    Ok(true)
}

fn in_words(letter: &DeadLetter) -> String {
    let Reason {
        code,
        message,
        site,
        sha256,
        attempts,
        first_seen,
        last_seen,
        version,
        ..
    } = &letter.reason;
    let moment = |moment: &Option<Timestamp>| moment.map(|moment| moment.to_string());
    let lines = [
        ("page", Some(letter.shown())),
        ("came from", Some(shown(&letter.source()))),
        ("why", message.clone()),
        ("code", code.clone()),
        ("site", site.clone()),
        ("begun", attempts.map(|attempts| format!("{attempts} times"))),
        ("claimed", moment(first_seen)),
        ("failed", moment(last_seen)),
        ("version", version.clone()),
        ("sha256", sha256.clone()),
    ];
    let line = |(name, value): (&str, Option<String>)| {
        let value = value.map_or("not known".to_owned(), |value| harmless(&value));
        format!("{name:10} {value}\n")
    };
    lines.into_iter().map(line).collect()
}

/// The first lines of a page as a terminal may show them.
fn escaped(head: &[u8]) -> String {
    let lines = head.split(|byte| *byte == b'\n').take(HEAD_LINES_MAX);
    let line = |line: &[u8]| format!("  | {}\n", shown(Path::new(OsStr::from_bytes(line))));
    lines.map(line).collect()
}

fn retry(letters: Option<&DeadLetters>, picked: &Picked) -> Result<bool, Failure> {
    let (mut back, mut stayed) = (0_usize, 0_usize);
    for letter in &picked.letters {
        let Some(letters) = letters else { break };
        match letters.retry(letter) {
            Ok(Retried::Back(_)) => back += 1,
            Ok(Retried::Tidied | Retried::Gone) => {}
            Ok(Retried::Taken(source)) => {
                stayed += 1;
                let source = shown(&source);
                tell(&format!(
                    "{}: stays, because there is another page, or a sidecar, as {source} in the inbox",
                    letter.shown()
                ));
            }
            Err(error) => {
                stayed += 1;
                tell(&format!("{}: stays: {error}", letter.shown()));
            }
        }
    }
    print(&format!("{back} pages are in the inbox again, {stayed} stay\n"))?;
    if back > 0 {
        tell("a running daemon cleans them now; without one, `dehusk run --once` does");
    }
    Ok(stayed == 0)
}

fn drop_pages(letters: Option<&DeadLetters>, picked: &Picked, yes: bool) -> Result<bool, Failure> {
    let count = picked.letters.len();
    if count > 0 && !yes && !agreed(count)? {
        print("nothing was deleted\n")?;
        return Ok(false);
    }
    let mut deleted = 0_usize;
    for letter in &picked.letters {
        let removed = letters.map_or(Ok(()), |letters| letters.remove(letter));
        match removed {
            Ok(()) => deleted += 1,
            Err(error) => tell(&format!("{}: stays: {error}", letter.shown())),
        }
    }
    print(&format!("{deleted} pages are deleted\n"))?;
    Ok(deleted == count)
}

fn agreed(count: usize) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        let text = "what is dropped is lost: add --yes where there is nobody to ask";
        return Err(Failure::Usage(text.to_owned()));
    }
    print(&format!("Delete {count} pages for good? [y/N] "))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_page_plays_no_tricks() {
        assert_eq!(
            escaped(b"a\x1b[31m\r\nb\xff\n"),
            "  | a\\u{1b}[31m\\u{d}\n  | b\\xff\n  | \n"
        );
        assert_eq!(escaped(&b"x\n".repeat(100)).lines().count(), HEAD_LINES_MAX);
    }
}
