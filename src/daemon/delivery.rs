//! Outputs of a page: what they are called, whose they are, and the order in which they appear.
//!
//! All outputs of a page share a stem. The first of these that is the page's own or free is taken:
//!
//! 1. the page's name without its ending: `page` for `page.html` and for `page.html.gz`,
//! 2. its full name: `page.htm` for `page.htm` where `page` belongs to `page.html`,
//! 3. the full name with a number: `page.htm.2`.
//!
//! The metadata file tells whose a stem is, and appears before the text: whoever sees the text finds its metadata.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::io::Errno;
use serde_json::{Value, json};

use super::names::{fitted, joined, shown};
use super::reason::rfc3339;
use super::spool::{Claim, Opened, Spool, Staged, open_regular};
use crate::clean::Extraction;
use crate::clean::render::{Format, markdown, metadata_json, page_json, plain, side_json};
use crate::config::OutputConfig;
use crate::page_file::{METADATA_SUFFIX, PACKED_ENDINGS};

/// Longest ending of a page's name that is not part of its stem, in bytes without the dot.
const ENDING_BYTES_MAX: usize = 5;

/// Stems that are tried for a page.
const STEM_TRIES: u32 = 10_000;

/// Room that a stem leaves for the longest suffix and a number.
const SUFFIX_ROOM: usize = 16;

/// Largest metadata file of an earlier delivery that is read to see whose it is, in bytes.
const METADATA_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The outputs of a page, rendered.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// What is known of the page.
    metadata: Value,
    /// Its texts.
    texts: Vec<(Format, String)>,
    /// The sub-folder of the held pages that they go to instead of the outbox.
    held: Option<String>,
}

/// Whose a stem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Nobody,
    ThisPage,
    Another,
}

impl Delivery {
    /// Renders an extraction.
    pub(crate) fn render(extraction: &Extraction, source_sha256: &str, claim: &Claim, config: &OutputConfig) -> Self {
        let mut metadata = metadata_json(extraction);
        if let Some(fields) = metadata.as_object_mut() {
            fields.insert("source".to_owned(), json!(shown(claim.source())));
            fields.insert("source_sha256".to_owned(), json!(source_sha256));
            fields.insert("processed".to_owned(), json!(rfc3339(Timestamp::now())));
        }
        let text = |format: Format| match format {
            Format::Txt => plain(extraction, config.title),
            Format::Md => markdown(extraction, config.title, config.front_matter),
            Format::Json => format!("{:#}\n", page_json(extraction)),
            Format::Side => format!("{:#}\n", side_json(extraction, &config.side_classes)),
        };
        let side = (!config.side_classes.is_empty()).then_some(Format::Side);
        Self {
            metadata,
            texts: config
                .formats
                .iter()
                .copied()
                .chain(side)
                .map(|format| (format, text(format)))
                .collect(),
            held: extraction.held.as_ref().map(|held| held.to.clone()),
        }
    }

    /// Puts the outputs into the outbox, or where rules hold them, and gives the path of their stem there.
    pub(crate) fn deliver(&self, spool: &Spool, claim: &Claim) -> io::Result<PathBuf> {
        let relative = claim.source().parent().unwrap_or(Path::new(""));
        let folder = match &self.held {
            Some(to) => spool.held_folder(to, relative)?,
            None => spool.outbox_folder(relative)?,
        };
        let texts = self.stage_texts(spool, claim)?;
        let source = shown(claim.source());
        for _ in 0..STEM_TRIES {
            let (stem, owner) = self.choose_stem(&folder, claim.source(), &source)?;
            let metadata = self.stage_metadata(spool, claim, &stem)?;
            let stem = folder.join(stem);
            if self.publish(&stem, owner, &metadata, &texts)? {
                spool.settle_folder(&folder)?;
                return Ok(stem);
            }
        }
        Err(no_free_name())
    }

    fn stage_texts(&self, spool: &Spool, claim: &Claim) -> io::Result<Vec<Staged>> {
        self.texts
            .iter()
            .map(|(_, text)| spool.stage(claim, text.as_bytes()))
            .collect()
    }

    fn stage_metadata(&self, spool: &Spool, claim: &Claim, stem: &OsStr) -> io::Result<Staged> {
        let mut metadata = self.metadata.clone();
        if let Some(fields) = metadata.as_object_mut() {
            fields.insert(
                "outputs".to_owned(),
                self.output_names(stem).map(|name| shown(Path::new(&name))).collect(),
            );
        }
        spool.stage(claim, format!("{metadata:#}\n").as_bytes())
    }

    fn output_names(&self, stem: &OsStr) -> impl Iterator<Item = OsString> {
        self.texts
            .iter()
            .map(move |(format, _)| joined(stem, &format!(".{}", format.name())))
    }

    /// The page's own stem if it has one, else the first that is free.
    fn choose_stem(&self, folder: &Path, source: &Path, shown_source: &str) -> io::Result<(OsString, Owner)> {
        let mut free = None;
        for stem in stems(source.file_name().unwrap_or_default()) {
            match self.owner(folder, &stem, shown_source)? {
                Owner::ThisPage => return Ok((stem, Owner::ThisPage)),
                Owner::Nobody if free.is_some() => break,
                Owner::Nobody => free = Some(stem),
                Owner::Another => {}
            }
        }
        free.map(|stem| (stem, Owner::Nobody)).ok_or_else(no_free_name)
    }

    fn owner(&self, folder: &Path, stem: &OsStr, shown_source: &str) -> io::Result<Owner> {
        let metadata_path = folder.join(joined(stem, METADATA_SUFFIX));
        let metadata = read_metadata(&metadata_path)?;
        let is_own = metadata
            .as_ref()
            .is_some_and(|metadata| metadata.get("source").and_then(Value::as_str) == Some(shown_source));
        if !is_own && metadata_path.symlink_metadata().is_ok() {
            return Ok(Owner::Another);
        }
        let listed = metadata
            .as_ref()
            .and_then(|metadata| metadata.get("outputs"))
            .and_then(Value::as_array);
        let is_listed = |name: &OsStr| listed.is_some_and(|listed| listed.contains(&json!(shown(Path::new(name)))));
        let foreign = |name: OsString| folder.join(&name).symlink_metadata().is_ok() && !is_listed(&name);
        if self.output_names(stem).any(foreign) {
            return Ok(Owner::Another);
        }
        Ok(if is_own { Owner::ThisPage } else { Owner::Nobody })
    }

    /// Moves the outputs into place; `false` if somebody took a name meanwhile.
    fn publish(&self, stem: &Path, owner: Owner, metadata: &Staged, texts: &[Staged]) -> io::Result<bool> {
        let (folder, name) = (
            stem.parent().unwrap_or(Path::new("")),
            stem.file_name().unwrap_or_default(),
        );
        let paths = [joined(name, METADATA_SUFFIX)]
            .into_iter()
            .chain(self.output_names(name))
            .map(|name| folder.join(name));
        let mut published: Vec<(&Staged, PathBuf)> = Vec::new();
        for (staged, path) in [metadata].into_iter().chain(texts).zip(paths) {
            if publish_as(owner, staged, &path)? {
                published.push((staged, path));
                continue;
            }
            // Backwards, so that no text is ever without its metadata.
            return published
                .iter()
                .rev()
                .try_for_each(|(staged, path)| staged.withdraw(path))
                .map(|()| false);
        }
        Ok(true)
    }
}

fn publish_as(owner: Owner, staged: &Staged, to: &Path) -> io::Result<bool> {
    if owner == Owner::ThisPage {
        return staged.publish_over(to).map(|()| true);
    }
    staged.publish_new(to)
}

fn no_free_name() -> io::Error {
    Errno::EXIST.into()
}

/// The stems of a page, best first.
fn stems(name: &OsStr) -> impl Iterator<Item = OsString> {
    let full = fitted(name, SUFFIX_ROOM);
    let short = fitted(without_ending(name), SUFFIX_ROOM);
    let numbered = {
        let full = full.clone();
        (2..STEM_TRIES).map(move |number| joined(&full, &format!(".{number}")))
    };
    [short, full].into_iter().chain(numbered)
}

/// A page's name without the ending that tells how it is packed and the one that tells what it is.
fn without_ending(name: &OsStr) -> &OsStr {
    let name = name.as_bytes();
    let unpacked = split_ending(name).filter(|(_, ending)| {
        PACKED_ENDINGS
            .iter()
            .any(|packed| ending.eq_ignore_ascii_case(packed.as_bytes()))
    });
    let name = unpacked.map_or(name, |(stem, _)| stem);
    OsStr::from_bytes(split_ending(name).map_or(name, |(stem, _)| stem))
}

/// A short ending that begins with a letter: a date or a number after a dot is part of the name.
fn split_ending(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    let (stem, ending) = name.split_at_checked(dot)?;
    let ending = ending.split_first()?.1;
    let fine = ending.len() <= ENDING_BYTES_MAX
        && ending.first()?.is_ascii_alphabetic()
        && ending.iter().all(u8::is_ascii_alphanumeric);
    (fine && !stem.is_empty()).then_some((stem, ending))
}

/// The metadata of an earlier delivery; `None` if there is none, or it is none of ours.
fn read_metadata(path: &Path) -> io::Result<Option<Value>> {
    let Opened::Page(file) = open_regular(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.take(METADATA_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_stems(name: &str) -> Vec<String> {
        stems(OsStr::new(name))
            .take(3)
            .map(|stem| stem.into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_stem_loses_its_ending_and_falls_back_to_the_full_name() {
        assert_eq!(first_stems("page.html"), ["page", "page.html", "page.html.2"]);
        assert_eq!(first_stems("page.html.gz"), ["page", "page.html.gz", "page.html.gz.2"]);
        assert_eq!(first_stems("page"), ["page", "page", "page.2"]);
        assert_eq!(first_stems("2024.11.21")[0], "2024.11.21");
        assert_eq!(first_stems("rise of 2.5 percent")[0], "rise of 2.5 percent");
    }

    #[test]
    fn every_output_name_fits() {
        let long = "x".repeat(250) + ".html";
        for stem in stems(OsStr::new(&long)).take(9) {
            assert!(joined(&stem, METADATA_SUFFIX).len() <= 255);
        }
    }
}
