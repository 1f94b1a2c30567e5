//! Everything that decides what comes out of a page, the program itself left aside: rule files and settings, with one
//! hash over all of it.
//!
//! A folder of rules and the bundle that was made of it hold the same and have the same hash, on every machine.

mod text;

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::limits::Limits;
use crate::rules::class::Class;
use crate::text::hex;
use crate::toml_file::SourceFile;

/// The version of the form of a bundle's file.
pub const BUNDLE_FORMAT: u64 = 1;

/// What the hash begins with, so that another order of what is hashed gives other hashes.
const HASH_DOMAIN: &[u8] = b"dehusk rules 1\0";

/// Where a rule file is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileOrigin {
    /// From the program.
    Shipped,
    /// From a folder of the user's.
    User,
}

impl FileOrigin {
    /// The word for it in a bundle.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::User => "user",
        }
    }
}

/// Settings that change what comes out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether files with `status = "draft"` count.
    pub drafts: bool,
    /// Classes whose removals are not wanted.
    pub keep_classes: Vec<Class>,
    /// The bounds on a page.
    pub limits: Limits,
}

/// Rule files in the order in which they are read, and settings.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// The version of the program that made it; empty until it is made.
    pub made_by: String,
    /// Settings.
    pub settings: Settings,
    /// Rule files, each named by its path below its folder, parted by slashes.
    pub files: Vec<(FileOrigin, SourceFile)>,
}

/// Why a file is no bundle that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundleError {
    /// It is something else.
    NoBundle {
        /// What shows it.
        why: String,
    },
    /// It was made by a later version of the program, in a form that this one does not know.
    Newer {
        /// Its form.
        format: u64,
        /// The version that made it.
        made_by: String,
    },
    /// It was a bundle once.
    Damaged {
        /// What is wrong with it.
        why: String,
    },
    /// Its contents are not those that its hash was made of.
    OtherHash {
        /// The hash that it names.
        named: String,
        /// The hash of what it holds.
        found: String,
    },
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBundle { why } => write!(
                f,
                "this is no bundle of rules: {why}; name a folder of rule files, or a file that `dehusk bundle` has made"
            ),
            Self::Newer { format, made_by } => write!(
                f,
                "this bundle was made by dehusk {made_by} in form {format}, and this dehusk ({}) knows forms up to \
                 {BUNDLE_FORMAT}: use dehusk {made_by} or later here, or make the bundle with the version that is here",
                env!("CARGO_PKG_VERSION")
            ),
            Self::Damaged { why } => write!(f, "this bundle is damaged: {why}; copy or make it anew"),
            Self::OtherHash { named, found } => write!(
                f,
                "this bundle is damaged or was edited: it says that its hash is {named}, but that of its contents is \
                 {found}; copy it anew, or edit the rule files and make it anew"
            ),
        }
    }
}

impl std::error::Error for BundleError {}

impl Bundle {
    /// Reads a bundle's file, and checks that it holds what it held when it was made.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        text::parse(bytes)
    }

    /// The bundle's file: the same for the same contents, byte for byte.
    pub fn to_text(&self) -> String {
        text::render(self)
    }

    /// The settings, as the file has them.
    pub fn settings_text(&self) -> String {
        text::settings(&self.settings)
    }

    /// The files of one origin, in their order.
    pub fn files_from(&self, from: FileOrigin) -> impl Iterator<Item = &SourceFile> {
        self.files
            .iter()
            .filter(move |(own, _)| *own == from)
            .map(|(_, file)| file)
    }

    /// SHA-256 over the settings, and the names and texts of all files in their order, as 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(HASH_DOMAIN);
        add(&mut digest, &text::settings(&self.settings));
        for (from, file) in &self.files {
            add(&mut digest, from.name());
            add(&mut digest, &file.name);
            add(&mut digest, &file.text);
        }
        hex(digest.finalize().as_slice())
    }

    /// Adds a file.
    pub fn add(&mut self, from: FileOrigin, name: &str, text: &Arc<str>) {
        self.files.push((from, SourceFile::new(name, Arc::clone(text))));
    }
}

/// Adds a text behind its length, so that no two lists of texts look alike.
fn add(digest: &mut Sha256, text: &str) {
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that are awkward to quote.
    const AWKWARD: &[&str] = &[
        "schema = 1\nsite = \"x.example\"\n",
        "",
        "\n\nstarts with lines",
        "a '''quote''' and a \\ backslash",
        "ends with '",
        "returns\r\nand \u{7f}\u{1}controls\t",
        "größer – “ok”",
    ];

    fn bundle() -> Bundle {
        let mut bundle = Bundle {
            settings: Settings {
                drafts: true,
                keep_classes: vec![Class::Ad, Class::Caption],
                limits: Limits {
                    lines_max: 77,
                    ..Limits::default()
                },
            },
            ..Bundle::default()
        };
        for (number, text) in AWKWARD.iter().enumerate() {
            let from = if number % 2 == 0 {
                FileOrigin::User
            } else {
                FileOrigin::Shipped
            };
            bundle.add(from, &format!("sites/{number}.toml"), &Arc::from(*text));
        }
        bundle
    }

    fn contents(bundle: &Bundle) -> Vec<(FileOrigin, &str, &str)> {
        bundle
            .files
            .iter()
            .map(|(from, file)| (*from, &*file.name, &*file.text))
            .collect()
    }

    #[test]
    fn what_is_put_in_comes_out() {
        let made = bundle();
        let text = made.to_text();
        let read = Bundle::parse(text.as_bytes()).unwrap();
        assert_eq!(contents(&read), contents(&made));
        assert_eq!(read.settings, made.settings);
        assert_eq!((read.hash(), read.to_text()), (made.hash(), text));
    }

    #[test]
    fn everything_that_changes_what_comes_out_changes_the_hash() {
        let hash = bundle().hash();
        let changes: [fn(&mut Bundle); 8] = [
            |bundle| bundle.settings.drafts = false,
            |bundle| bundle.settings.keep_classes.truncate(1),
            |bundle| bundle.settings.limits.tree_depth_max += 1,
            |bundle| bundle.files.truncate(3),
            |bundle| bundle.files.swap(0, 2),
            |bundle| bundle.files[0].0 = FileOrigin::Shipped,
            |bundle| bundle.files[0].1 = SourceFile::new("other", Arc::clone(&bundle.files[0].1.text)),
            |bundle| bundle.files[0].1 = SourceFile::new(Arc::clone(&bundle.files[0].1.name), "other"),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut other = bundle();
            change(&mut other);
            assert_ne!(other.hash(), hash, "change {number}");
        }
        let mut other = bundle();
        other.settings.keep_classes.reverse();
        assert_eq!(other.hash(), hash, "the order of classes says nothing");
    }

    #[test]
    fn no_damage_goes_unseen() {
        let made = bundle();
        let text = made.to_text();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(read) = Bundle::parse(&bytes) {
                assert_eq!(contents(&read), contents(&made), "byte {at}");
                assert_eq!(read.settings, made.settings, "byte {at}");
            }
            if let Ok(read) = Bundle::parse(&text.as_bytes()[..at]) {
                assert_eq!(contents(&read), contents(&made), "cut at {at}");
            }
        }
    }

    #[test]
    fn what_can_not_be_used_says_why_and_what_to_do() {
        let told = |text: &str| Bundle::parse(text.as_bytes()).unwrap_err();
        assert!(matches!(told("schema = 1\nsite = \"x\""), BundleError::NoBundle { .. }));
        assert!(matches!(told("<html>"), BundleError::NoBundle { .. }));
        let newer = told("format = 2\nmade-by = \"9.1.0\"\nhash = \"x\"\nnews = 1\n");
        assert_eq!(
            newer,
            BundleError::Newer {
                format: 2,
                made_by: "9.1.0".to_owned()
            }
        );
        assert!(newer.to_string().contains("use dehusk 9.1.0 or later"), "{newer}");
        assert!(matches!(
            told("format = 1\nmade-by = \"0\"\n"),
            BundleError::Damaged { .. }
        ));
        let text = bundle().to_text();
        let edited = text.replace("site = \"x.example\"", "site = \"y.example\"");
        assert!(matches!(told(&edited), BundleError::OtherHash { .. }));
        let unknown = text.replace("from = \"user\"", "from = \"nowhere\"");
        assert!(matches!(told(&unknown), BundleError::Damaged { .. }));
    }
}
