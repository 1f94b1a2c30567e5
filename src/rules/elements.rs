//! Elements of a page as rules name them: a CSS selector and what selectors can't say.

use regex::Regex;
use scraper::Selector;

/// Elements of a page, or pieces of their text: what the selector finds, as far as it passes the tests; of those, the
/// picked ones; from there on, step by step, to others; and beside them what the alternatives find.
#[derive(Debug, Clone)]
pub struct Elements {
    /// Which elements.
    pub selector: Selector,
    /// What they have to satisfy beyond it.
    pub tests: Vec<ElementTest>,
    /// Which of them, in the order of the page.
    pub pick: Option<Pick>,
    /// Not they but their nearest ancestor of this kind.
    pub up: Option<Selector>,
    /// Not they but everything after them in their parent.
    pub after: bool,
    /// Where to go on from them.
    pub then: Vec<Step>,
    /// What is meant beside them. These have no alternatives of their own.
    pub or: Vec<Elements>,
}

impl Elements {
    /// What a selector alone finds.
    pub fn plain(selector: Selector) -> Self {
        Self {
            selector,
            tests: Vec::new(),
            pick: None,
            up: None,
            after: false,
            then: Vec::new(),
            or: Vec::new(),
        }
    }

    /// Whether the selector alone tells them.
    pub fn is_plain(&self) -> bool {
        self.tests.is_empty()
            && self.pick.is_none()
            && self.up.is_none()
            && !self.after
            && self.then.is_empty()
            && self.or.is_empty()
    }
}

/// What an element has to satisfy, or, where `not` is set, must not.
#[derive(Debug, Clone)]
pub struct ElementTest {
    /// Where the pattern is searched.
    pub place: Place,
    /// What is searched.
    pub regex: Regex,
    /// Whether the element must not have it.
    pub not: bool,
    /// Whether white space is folded before the search.
    pub fold: bool,
}

/// Where a test looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The whole text, that of the elements inside included.
    Text,
    /// The text right inside, not that of elements inside; all pieces joined.
    OwnText,
    /// The first piece of the text right inside; empty where there is none.
    FirstText,
    /// Each piece of the text right inside; one has to satisfy.
    AnyText,
    /// The value of this attribute; empty where it is not there.
    Attribute(String),
    /// The value of each attribute; one has to satisfy.
    AnyAttribute,
}

/// Which of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// The so-manieth, from 0.
    Nth(usize),
    /// The so-manieth from the end; 0 is the last one.
    NthLast(usize),
    /// All but the first so many.
    Skip(usize),
}

/// A move from each element found so far to others.
#[derive(Debug, Clone)]
pub struct Step {
    /// Which way; the nearest come first.
    pub go: Go,
    /// What is looked for there.
    pub find: Find,
    /// What that has to satisfy.
    pub tests: Vec<ElementTest>,
    /// Which of what one element leads to.
    pub pick: Option<Pick>,
}

/// What a step looks for.
#[derive(Debug, Clone)]
pub enum Find {
    /// Elements.
    Elements(Selector),
    /// Pieces of text.
    Texts,
}

/// Which way a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// It stays, to test again.
    Same,
    /// All that was found so far, as one list, to pick from.
    All,
    /// Into the children.
    Children,
    /// Anywhere inside.
    Inside,
    /// The element itself, and anywhere inside.
    Within,
    /// To the parent.
    Parent,
    /// To the ancestors.
    Ancestors,
    /// To the siblings behind it.
    Next,
    /// To the siblings before it.
    Previous,
    /// To everything behind it in the page.
    After,
    /// To everything before it in the page, without ancestors.
    Before,
}

/// Every way with its word.
pub const GO: &[(&str, Go)] = &[
    ("same", Go::Same),
    ("all", Go::All),
    ("children", Go::Children),
    ("inside", Go::Inside),
    ("within", Go::Within),
    ("parent", Go::Parent),
    ("ancestors", Go::Ancestors),
    ("next", Go::Next),
    ("previous", Go::Previous),
    ("after", Go::After),
    ("before", Go::Before),
];
