//! Every bound the core obeys, each with a name and a unit.
//!
//! A page that breaks a limit is a bad page: it is refused with a reason that names the limit and never takes the
//! program with it.

use std::cell::Cell;
use std::fmt;

/// Bounds on one page, set by the configuration and handed to the core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest page as it lies in the inbox, in bytes.
    pub page_bytes_max: u64,
    /// Largest page after decompression, in bytes.
    pub inflated_bytes_max: u64,
    /// Largest ratio of decompressed to compressed size.
    pub inflate_ratio_max: u64,
    /// Deepest nesting of elements in a page. The HTML tree builder's work grows with the square of it.
    pub tree_depth_max: usize,
    /// Most nodes in a page's tree.
    pub tree_nodes_max: usize,
    /// Most attributes in a page's tree, those of all elements together.
    pub tree_attributes_max: usize,
    /// Most attributes of one element; those beyond are left out. The HTML tokenizer's work grows with the square.
    pub element_attributes_max: usize,
    /// Most blocks of a page. What is remembered of each to judge it takes more than a kilobyte.
    pub blocks_max: usize,
    /// Most lines of a text dump that are not blank.
    pub lines_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_bytes_max: 16 * 1024 * 1024,
            inflated_bytes_max: 64 * 1024 * 1024,
            inflate_ratio_max: 200,
            tree_depth_max: 512,
            tree_nodes_max: 2_000_000,
            tree_attributes_max: 2_000_000,
            element_attributes_max: 1_000,
            blocks_max: 100_000,
            lines_max: 1_000_000,
        }
    }
}

/// Bytes of a page in which a charset declaration is looked for. The HTML standard asks for 1,024; real pages put
/// long scripts before theirs.
pub const CHARSET_DECLARATION_BYTES: usize = 8 * 1024;

/// Bytes that the statistical charset detection reads. On a whole page it costs more than parsing it.
pub const CHARSET_DETECTION_BYTES: usize = 64 * 1024;

/// Bytes in which the kind of a page (HTML or text) is judged.
pub const SNIFF_BYTES: usize = 64 * 1024;

/// Bytes that the HTML parser reads between two checks of the tree's limits.
pub const PARSE_CHUNK_BYTES: usize = 4 * 1024;

/// Longest `class` attribute, in bytes; longer ones are left out, since every word of one is stored by itself.
pub const CLASS_BYTES_MAX: usize = 64 * 1024;

/// Largest source, in bytes, that `html.replace` may grow a page to; a replacement that would exceed it is not made.
pub const REPLACED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Longest line, in bytes, that patterns of rules are tried on. Searching can cost the square of the length.
pub const PATTERN_LINE_BYTES_MAX: usize = 64 * 1024;

/// Most nodes that the steps of one rule may look at in one page. What lies before or behind each of many elements
/// grows with the square of their number.
pub const STEP_NODES_MAX: usize = 1_000_000;

/// Largest compiled pattern, in bytes of automaton.
pub const PATTERN_SIZE_MAX: usize = 1024 * 1024;

/// Room, in bytes, for the states that the common automaton of a site's line patterns has visited: so much for each
/// pattern, at least the least and at most the most. It is taken as needed. With too little of it every line is tried on
/// every pattern: 500 patterns then cost 10 µs a line instead of 0.1 µs.
pub const PATTERN_CACHE_EACH: usize = 32 * 1024;
/// The least of it.
pub const PATTERN_CACHE_MIN: usize = 2 * 1024 * 1024;
/// The most of it.
pub const PATTERN_CACHE_MAX: usize = 64 * 1024 * 1024;

/// Characters of text that the language detection reads.
pub const LANGUAGE_DETECTION_CHARS: usize = 4_000;

/// Largest JSON-LD script that is read, in bytes.
pub const JSON_LD_BYTES_MAX: usize = 1024 * 1024;

/// Deepest nesting of JSON-LD that is followed.
pub const JSON_LD_DEPTH_MAX: usize = 12;

/// Longest value of a metadata field, in characters; longer ones are junk and count as absent.
pub const METADATA_CHARS_MAX: usize = 1_000;

/// Steps of a loop between two looks at whether the work may go on.
const STEPS_PER_LOOK: u32 = 64;

/// Tells whether the work on a page may go on. The core has no clock; whoever calls it may have one.
///
/// A long loop asks at every step and ends early when the answer is no, whatever it has half done; the stage of work
/// that it belongs to then fails by [`Stop::check`]. An answer of no is final.
pub struct Stop<'a> {
    may_go_on: Option<&'a dyn Fn() -> bool>,
    steps: Cell<u32>,
    over: Cell<bool>,
}

/// The time that a page may take is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedOut;

impl<'a> Stop<'a> {
    /// Work that may take as long as it takes.
    pub fn never() -> Self {
        Self {
            may_go_on: None,
            steps: Cell::new(0),
            over: Cell::new(false),
        }
    }

    /// Work that goes on as long as `may_go_on` says so.
    pub fn unless(may_go_on: &'a dyn Fn() -> bool) -> Self {
        Self {
            may_go_on: Some(may_go_on),
            ..Self::never()
        }
    }

    /// Whether the work may go on: for the steps of a loop, most of which don't look.
    pub fn goes_on(&self) -> bool {
        let steps = self.steps.get() + 1;
        if steps < STEPS_PER_LOOK {
            self.steps.set(steps);
            return !self.over.get();
        }
        self.check().is_ok()
    }

    /// Whether the work may go on: between stages, and for steps that are long by themselves.
    pub fn check(&self) -> Result<(), TimedOut> {
        self.steps.set(0);
        if !self.over.get() && !self.may_go_on.is_none_or(|may_go_on| may_go_on()) {
            self.over.set(true);
        }
        if self.over.get() { Err(TimedOut) } else { Ok(()) }
    }
}

impl fmt::Debug for Stop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").field("over", &self.over).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_asked_now_and_then_and_its_no_is_final() {
        let asked = Cell::new(0);
        let may_go_on = || {
            asked.set(asked.get() + 1);
            asked.get() != 2
        };
        let stop = Stop::unless(&may_go_on);
        assert_eq!((0..STEPS_PER_LOOK).filter(|_| stop.goes_on()).count(), 64);
        assert_eq!(asked.get(), 1);
        assert_eq!(stop.check(), Err(TimedOut));
        assert!(!stop.goes_on());
        assert_eq!(stop.check(), Err(TimedOut));
        assert_eq!(asked.get(), 2);
    }

    #[test]
    fn work_without_a_stop_goes_on() {
        let stop = Stop::never();
        assert!((0..1_000).all(|_| stop.goes_on()) && stop.check().is_ok());
    }
}
