//! Which fields a page is read from, and the shapes of records of common tools for corpora.

use crate::record::{Place, Places};

/// Where the parts of a page stand in its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// Its text or mark-up.
    pub html: Place,
    /// The same as bytes, in base64: for pages that are not UTF-8, or packed.
    pub bytes: Place,
    /// Its address.
    pub url: Place,
    /// Its site.
    pub site: Option<Place>,
    /// The label of the charset that its bytes are in.
    pub charset: Option<Place>,
}

/// The fields of a common tool.
#[derive(Debug)]
pub struct Preset {
    /// Its names on the command line.
    pub names: &'static [&'static str],
    /// What the page is known by.
    pub id: &'static str,
    /// See [`Fields::html`].
    pub html: &'static str,
    /// See [`Fields::bytes`].
    pub bytes: &'static str,
    /// See [`Fields::url`].
    pub url: &'static str,
    /// See [`Places::text`].
    pub text: &'static str,
    /// See [`Places::metadata`].
    pub metadata: &'static str,
    /// See [`Places::removals`].
    pub removals: &'static str,
    /// See [`Places::made_by`].
    pub made_by: &'static str,
    /// See [`Places::error`].
    pub error: &'static str,
    /// Fields of the metadata that its records have at the top.
    pub columns: &'static [&'static str],
}

/// Every preset; the first counts where none is named.
///
/// datatrove: the fields of its `Document`, as its JSON Lines reader and writer have them (text, id, media, metadata).
/// dolma: its documents (id, text, source, added, created, metadata). `NeMo` Curator: what its Common Crawl stages hand
/// from one to the next (url, `warc_id`, `source_id`, content) and give in the end (language and text, no content).
pub const PRESETS: &[Preset] = &[
    Preset {
        names: &["dehusk"],
        id: "id",
        html: "html",
        bytes: "html_b64",
        url: "url",
        text: "text",
        metadata: "metadata",
        removals: "removals",
        made_by: "dehusk",
        error: "error",
        columns: &[],
    },
    Preset {
        names: &["datatrove", "dolma"],
        id: "id",
        html: "text",
        bytes: "html_b64",
        url: "/metadata/url",
        text: "text",
        metadata: "/metadata/page",
        removals: "/metadata/removals",
        made_by: "/metadata/dehusk",
        error: "/metadata/error",
        columns: &[],
    },
    Preset {
        names: &["nemo-curator"],
        id: "warc_id",
        html: "content",
        bytes: "content_b64",
        url: "url",
        text: "text",
        metadata: "metadata",
        removals: "removals",
        made_by: "dehusk",
        error: "error",
        columns: &["language"],
    },
];

/// A name in the table of presets.
fn place(text: &str) -> Place {
    text.parse().expect("a test reads every name of every preset")
}

impl Preset {
    /// The preset of a name.
    pub fn of_name(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.names.contains(&name))
    }

    /// Where it finds the parts of a page.
    pub fn fields(&self) -> Fields {
        Fields {
            html: place(self.html),
            bytes: place(self.bytes),
            url: place(self.url),
            site: None,
            charset: None,
        }
    }

    /// Where it puts the parts of a record.
    pub fn places(&self) -> Places {
        Places {
            id: place(self.id),
            text: place(self.text),
            metadata: place(self.metadata),
            removals: place(self.removals),
            made_by: place(self.made_by),
            error: place(self.error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::COLUMNS;

    #[test]
    fn every_preset_names_places_and_columns_that_there_are() {
        for preset in PRESETS {
            assert_eq!(preset.fields().html.to_string(), preset.html);
            assert_eq!(preset.places().metadata.to_string(), preset.metadata);
            assert!(
                preset.columns.iter().all(|name| COLUMNS.contains(name)),
                "{:?}",
                preset.names
            );
            for name in preset.names {
                assert_eq!(Preset::of_name(name).map(|found| found.html), Some(preset.html));
            }
        }
        assert_eq!(PRESETS[0].places(), Places::default());
    }
}
