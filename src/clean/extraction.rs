//! What comes out of cleaning a page: its text block by block, and for every block why it stayed or went.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clean::layout::Layout;
use crate::limits::STEP_NODES_MAX;
use crate::page::{Block, CharsetSource, DomError, Metadata, PageKind};
use crate::rules::{Class, IdentifiedBy, RuleInfo};
use crate::text::words;

/// Why a block went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The rule that removed it.
    pub rule: Arc<RuleInfo>,
    /// What it was.
    pub class: Class,
}

impl Removal {
    /// The removal by a rule, as what the rule says it removes.
    pub fn by(rule: &Arc<RuleInfo>) -> Self {
        Self {
            rule: Arc::clone(rule),
            class: rule.class,
        }
    }
}

/// What became of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is part of the text.
    Kept,
    /// It is the title.
    Title,
    /// It went.
    Removed(Removal),
}

/// A change to a block that stayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The rule that made it.
    pub rule: Arc<RuleInfo>,
    /// The block's text before.
    pub before: String,
}

/// A block and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedBlock {
    /// The block.
    pub block: Block,
    /// What became of it.
    pub fate: Fate,
    /// What was changed in it, in order.
    pub edits: Vec<Edit>,
}

impl TracedBlock {
    /// A block that nothing has happened to yet.
    pub fn new(block: Block, removal: Option<Removal>) -> Self {
        Self {
            block,
            fate: removal.map_or(Fate::Kept, Fate::Removed),
            edits: Vec::new(),
        }
    }

    /// Whether it is part of the text, so far.
    pub fn is_kept(&self) -> bool {
        self.fate == Fate::Kept
    }

    /// Removes it by a rule.
    pub fn remove(&mut self, rule: &Arc<RuleInfo>) {
        self.fate = Fate::Removed(Removal::by(rule));
    }
}

/// How the main content was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By the rules of the page's site.
    Rules,
    /// By the generic cleaner.
    Generic,
}

impl Method {
    /// A word for logs and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Generic => "generic",
        }
    }
}

/// Something that a person should know about a page that was cleaned all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Nothing was left of the page.
    NoText,
    /// The site's rules left nothing, so the generic cleaner took over.
    RulesRemovedEverything {
        /// The site.
        site: String,
    },
    /// None of the site's `html.keep` selectors found the main content.
    KeepMatchedNothing {
        /// The site.
        site: String,
    },
    /// A rule was refused because it would have taken too much.
    RuleRefused {
        /// The rule.
        rule: Arc<RuleInfo>,
        /// How much it would have taken, in percent of the main content.
        percent: u8,
    },
    /// A rule was passed over because its steps lead past too many nodes of the page.
    RuleTooFar {
        /// The rule.
        rule: Arc<RuleInfo>,
    },
    /// The page falls short of what its site's rules expect.
    Unexpected {
        /// In which way.
        what: Shortfall,
    },
    /// The fingerprints of several sites fit equally well.
    FingerprintTie {
        /// The sites.
        sites: Vec<String>,
    },
    /// Bytes were replaced because they mean nothing in the page's charset.
    MalformedCharset {
        /// The charset.
        charset: &'static str,
    },
    /// The page breaks a limit of its tree, so its text was read without one.
    WithoutTree {
        /// The limit.
        why: DomError,
    },
    /// The page shows little of the text that its structured data states, so that text was taken.
    StatedBody,
    /// Some element has more attributes than it may.
    AttributesLeftOut {
        /// The limit.
        element_attributes_max: usize,
    },
    /// The named site has no rules.
    UnknownSite {
        /// Its name as given.
        site: String,
    },
}

/// In which way a page falls short of `[expect]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// Too little text.
    Chars {
        /// Characters of the text.
        found: usize,
        /// Fewest that are expected.
        min: usize,
    },
    /// Too much went.
    Removed {
        /// Percent of the words that went.
        percent: u8,
        /// Most that is expected, in percent.
        max: u8,
    },
    /// A rule did not fire.
    Silent {
        /// Its key or id.
        rule: String,
    },
    /// A metadata field has no value.
    Field {
        /// Its name.
        name: &'static str,
    },
}

impl std::fmt::Display for Shortfall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Chars { found, min } => write!(f, "{found} characters of text, expect.min-chars is {min}"),
            Self::Removed { percent, max } => write!(f, "{percent} % of the words went, expect.max-removed is {max} %"),
            Self::Silent { rule } => write!(f, "{rule} did not fire, but expect.must-fire names it"),
            Self::Field { name } => write!(f, "{name} has no value, but expect.fields names it"),
        }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoText => f.write_str("no text is left of the page"),
            Self::RulesRemovedEverything { site } => {
                write!(f, "the rules of {site} left nothing: the generic cleaner took over")
            }
            Self::KeepMatchedNothing { site } => {
                write!(
                    f,
                    "no html.keep selector of {site} found the main content: the generic cleaner took over"
                )
            }
            Self::RuleTooFar { rule } => {
                write!(
                    f,
                    "{} ({}) was passed over: its steps lead past more than {STEP_NODES_MAX} nodes",
                    rule.key,
                    rule.place()
                )
            }
            Self::RuleRefused { rule, percent } => {
                write!(
                    f,
                    "{} ({}) was refused: it would have taken {percent} % of the main content",
                    rule.key,
                    rule.place()
                )
            }
            Self::Unexpected { what } => write!(f, "not what the site's rules expect: {what}"),
            Self::FingerprintTie { sites } => write!(f, "the fingerprints of {} fit equally well", sites.join(", ")),
            Self::MalformedCharset { charset } => write!(f, "some bytes mean nothing in {charset} and were replaced"),
            Self::WithoutTree { why } => write!(
                f,
                "parsed without a tree, by its tags alone, so that rules over elements and the generic cleaner did not count: {why}"
            ),
            Self::StatedBody => f.write_str(
                "the text is that of the page's structured data (JSON-LD), since the page itself shows little of it",
            ),
            Self::AttributesLeftOut { element_attributes_max } => write!(
                f,
                "attributes of an element beyond the first {element_attributes_max} were left out (limits.element-attributes-max)"
            ),
            Self::UnknownSite { site } => write!(f, "there are no rules for site {site}"),
        }
    }
}

/// A page that is not what its site's outbox is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The rule that says so.
    pub rule: Arc<RuleInfo>,
    /// The sub-folder of the held pages that it goes to.
    pub to: String,
}

/// A cleaned page.
#[derive(Debug, Clone)]
pub struct Extraction {
    /// What is known about the page.
    pub metadata: Metadata,
    /// All its blocks in order, those that went included.
    pub blocks: Vec<TracedBlock>,
    /// The name of its site, if that has rules.
    pub site: Option<String>,
    /// What told the site.
    pub identified_by: IdentifiedBy,
    /// What the site was told by, in words.
    pub evidence: String,
    /// How the main content was told.
    pub method: Method,
    /// The hash of the rules that were used.
    pub rule_set: String,
    /// Mark-up or lines.
    pub kind: PageKind,
    /// The page's charset.
    pub charset: &'static str,
    /// How the charset became known.
    pub charset_source: CharsetSource,
    /// What a person should know.
    pub warnings: Vec<Warning>,
    /// The metadata sources of the rules that gave a value; where html.keep found the main content, that rule too.
    pub sources: Vec<Arc<RuleInfo>>,
    /// The overlays of the site's rules that counted.
    pub overlays: Vec<String>,
    /// Why the page is to be held, if it is.
    pub held: Option<Held>,
    /// What its layout is known by, if it is an HTML page of a site.
    pub layout: Option<Layout>,
    /// The F1, from 0 to 1, that pages reach on average for which the generic cleaner was as sure as of this one; none
    /// where rules told the main content, and for text dumps.
    pub confidence: Option<f32>,
}

impl Extraction {
    /// The blocks of the text, in order, without the title.
    pub fn kept(&self) -> impl Iterator<Item = &Block> {
        self.blocks
            .iter()
            .filter(|traced| traced.is_kept())
            .map(|traced| &traced.block)
    }

    /// Words of the text as a share of the page's, from 0 to 1; the title counts on both sides.
    pub fn kept_ratio(&self) -> f64 {
        let (mut kept, mut all) = (0_usize, 0_usize);
        for traced in &self.blocks {
            let count = words(&traced.block.text);
            all += count;
            if !matches!(traced.fate, Fate::Removed(_)) {
                kept += count;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "word counts of a page are far below 2^52")]
        if all == 0 { 0.0 } else { kept as f64 / all as f64 }
    }

    /// How many blocks went, by class.
    pub fn removed(&self) -> BTreeMap<Class, usize> {
        let mut counts = BTreeMap::new();
        for traced in &self.blocks {
            if let Fate::Removed(removal) = &traced.fate {
                *counts.entry(removal.class).or_default() += 1;
            }
        }
        counts
    }
}
