//! Outputs of a page: what they are called, whose they are, and the order in which they appear.
//!
//! All outputs of a page share a stem. The first of these that is the page's own or free is taken:
//!
//! 1. the page's name without its ending: `page` for `page.html`, `page.html.gz` and `page.html.zst`,
//! 2. its full name: `page.htm` for `page.htm` where `page` belongs to `page.html`,
//! 3. the full name with a number: `page.htm.2`.
//!
//! The metadata file tells whose a stem is, and appears before the text: whoever sees the text finds its metadata.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::io::Errno;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::names::{fitted, joined, shown, without_ending};
use super::reason::rfc3339;
use super::spool::{Claim, Opened, Spool, Staged, open_regular};
use crate::clean::Extraction;
use crate::clean::render::{Format, markdown, metadata_json, page_json, plain, side_json};
use crate::config::OutputConfig;
use crate::page_file::METADATA_SUFFIX;

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

/// The outputs of a page, written aside; they are published when they are on the disk.
#[derive(Debug)]
pub(crate) struct StagedDelivery {
    /// What is known of the page, without the names of its outputs.
    metadata: Value,
    /// The forms of its texts.
    formats: Vec<Format>,
    texts: Vec<Staged>,
    /// Where they go: the page's sub-folder of the outbox, or of where rules hold it.
    folder: PathBuf,
    /// The stem that was free or the page's own when the metadata file was written, and that file.
    choice: (OsString, Owner, Staged),
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

    /// What is known of the page.
    pub(crate) fn metadata(&self) -> &Value {
        &self.metadata
    }

    /// Writes the outputs aside.
    pub(crate) fn stage(self, spool: &Spool, claim: &Claim) -> io::Result<StagedDelivery> {
        let relative = claim.source().parent().unwrap_or(Path::new(""));
        let folder = match &self.held {
            Some(to) => spool.held_folder(to, relative)?,
            None => spool.outbox_folder(relative)?,
        };
        let stage = |(_, text): &(Format, String)| spool.stage(claim, text.as_bytes());
        let texts = self.texts.iter().map(stage).collect::<io::Result<_>>()?;
        let formats: Vec<Format> = self.texts.iter().map(|(format, _)| *format).collect();
        let names = Names {
            metadata: &self.metadata,
            formats: &formats,
            folder: &folder,
        };
        let choice = names.choose(spool, claim)?;
        Ok(StagedDelivery {
            metadata: self.metadata,
            formats,
            texts,
            folder,
            choice,
        })
    }
}

impl StagedDelivery {
    /// Everything that is to be on the disk before it is published.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &Staged> {
        self.texts.iter().chain([&self.choice.2])
    }

    /// The folder that they are published in.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Moves the outputs into place, and gives the path of their stem.
    pub(crate) fn publish(&mut self, spool: &Spool, claim: &Claim) -> io::Result<PathBuf> {
        for _ in 0..STEM_TRIES {
            if self.try_publish()? {
                return Ok(self.folder.join(&self.choice.0));
            }
            // Somebody took the name meanwhile, and the metadata file tells names.
            self.choice = self.names().choose(spool, claim)?;
            spool.sync_outputs(&[&self.choice.2])?;
        }
        Err(no_free_name())
    }

    fn names(&self) -> Names<'_> {
        Names {
            metadata: &self.metadata,
            formats: &self.formats,
            folder: &self.folder,
        }
    }

    /// `false` if somebody took a name meanwhile.
    fn try_publish(&self) -> io::Result<bool> {
        let (stem, owner, metadata) = &self.choice;
        let names = self.names();
        let paths = [joined(stem, METADATA_SUFFIX)]
            .into_iter()
            .chain(names.outputs(stem))
            .map(|name| self.folder.join(name));
        let mut published: Vec<(&Staged, PathBuf)> = Vec::new();
        for (staged, path) in [metadata].into_iter().chain(&self.texts).zip(paths) {
            if publish_as(*owner, staged, &path)? {
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

/// What the choice of a stem looks at.
struct Names<'a> {
    metadata: &'a Value,
    formats: &'a [Format],
    folder: &'a Path,
}

impl Names<'_> {
    /// Chooses a stem, and writes the metadata file with the names that follow from it aside.
    fn choose(&self, spool: &Spool, claim: &Claim) -> io::Result<(OsString, Owner, Staged)> {
        let (stem, owner) = self.choose_stem(claim.source())?;
        let whole = WithOutputs {
            metadata: self.metadata,
            outputs: self.outputs(&stem).map(|name| shown(Path::new(&name))).collect(),
        };
        let mut bytes = serde_json::to_vec_pretty(&whole)?;
        bytes.push(b'\n');
        let staged = spool.stage(claim, &bytes)?;
        Ok((stem, owner, staged))
    }

    fn outputs(&self, stem: &OsStr) -> impl Iterator<Item = OsString> {
        self.formats
            .iter()
            .map(move |format| joined(stem, &format!(".{}", format.name())))
    }

    /// The page's own stem if it has one, else the first that is free.
    fn choose_stem(&self, source: &Path) -> io::Result<(OsString, Owner)> {
        let shown_source = shown(source);
        let mut free = None;
        for stem in stems(source.file_name().unwrap_or_default()) {
            match self.owner(&stem, &shown_source)? {
                Owner::ThisPage => return Ok((stem, Owner::ThisPage)),
                Owner::Nobody if free.is_some() => break,
                Owner::Nobody => free = Some(stem),
                Owner::Another => {}
            }
        }
        free.map(|stem| (stem, Owner::Nobody)).ok_or_else(no_free_name)
    }

    fn owner(&self, stem: &OsStr, shown_source: &str) -> io::Result<Owner> {
        let found = read_metadata(&self.folder.join(joined(stem, METADATA_SUFFIX)))?;
        let Some(metadata) = found else {
            let is_free = self.outputs(stem).all(|name| !self.exists(&name));
            return Ok(if is_free { Owner::Nobody } else { Owner::Another });
        };
        if metadata.get("source").and_then(Value::as_str) != Some(shown_source) {
            return Ok(Owner::Another);
        }
        let listed = metadata.get("outputs").and_then(Value::as_array);
        let is_listed = |name: &OsStr| listed.is_some_and(|listed| listed.contains(&json!(shown(Path::new(name)))));
        let is_own = self.outputs(stem).all(|name| is_listed(&name) || !self.exists(&name));
        Ok(if is_own { Owner::ThisPage } else { Owner::Another })
    }

    fn exists(&self, name: &OsStr) -> bool {
        self.folder.join(name).symlink_metadata().is_ok()
    }
}

/// What is known of a page, and the names of its outputs.
struct WithOutputs<'a> {
    metadata: &'a Value,
    outputs: Value,
}

impl Serialize for WithOutputs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.metadata.as_object().into_iter().flatten();
        let outputs = ("outputs", &self.outputs);
        serializer.collect_map(fields.map(|(key, value)| (key.as_str(), value)).chain([outputs]))
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

/// The metadata of an earlier delivery; `None` where there is no such file, and nothing in one that is none of ours.
fn read_metadata(path: &Path) -> io::Result<Option<Value>> {
    let file = match open_regular(path)? {
        Opened::Page(file) => file,
        Opened::NoFile(_) => return Ok(Some(Value::Null)),
        Opened::Gone => return Ok(None),
    };
    let mut bytes = Vec::new();
    file.take(METADATA_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(Some(serde_json::from_slice(&bytes).unwrap_or_default()))
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
        assert_eq!(
            first_stems("page.html.zst"),
            ["page", "page.html.zst", "page.html.zst.2"]
        );
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
