//! What is told about a site whose rules no longer fit.

use std::fmt;

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A rule that fired on none of the pages.
    Dead {
        /// The rule.
        rule: String,
        /// How many pages.
        pages: usize,
    },
    /// A rule that used to fire and no longer does.
    Dropped {
        /// The rule.
        rule: String,
        /// Share of the older pages that it fired on, in percent.
        then_percent: usize,
        /// Share of the newest pages, in percent.
        now_percent: usize,
    },
    /// A rule that takes much more than it used to.
    Greedy {
        /// The rule.
        rule: String,
        /// The median of what it took, in words per thousand of a page.
        then_permille: u32,
        /// What it takes now.
        now_permille: u32,
    },
    /// The site's rules change nothing any more.
    Redundant {
        /// On how many pages in a row the text was the same without them.
        pages: usize,
    },
    /// The newest pages come from other templates than the first ones after the last change of the rules.
    Layout {
        /// How many of the newest pages.
        pages: usize,
        /// The largest share of class names that one of them has in common with a first page, in percent.
        shared_percent: usize,
    },
    /// Too many of the newest pages fall short.
    Drifted {
        /// How many fall short.
        pages: usize,
        /// Of how many.
        of: usize,
        /// In what, most frequent first.
        shortfalls: Vec<String>,
    },
}

impl Finding {
    /// A short fixed word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Dead { .. } => "dead",
            Self::Dropped { .. } => "dropped",
            Self::Greedy { .. } => "greedy",
            Self::Redundant { .. } => "redundant",
            Self::Layout { .. } => "layout",
            Self::Drifted { .. } => "drifted",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dead { rule, pages } => write!(
                f,
                "dead: {rule} fired on none of {pages} pages (mark it `optional = true` if that is fine)"
            ),
            Self::Dropped {
                rule,
                then_percent,
                now_percent,
            } => {
                write!(
                    f,
                    "dropped: {rule} fired on {then_percent} % of the older pages and on {now_percent} % of the newest"
                )
            }
            Self::Greedy {
                rule,
                then_permille,
                now_permille,
            } => {
                write!(
                    f,
                    "greedy: {rule} took {then_permille} of 1,000 words in the middle and takes {now_permille} now"
                )
            }
            Self::Redundant { pages } => write!(
                f,
                "redundant: the last {pages} pages that were cleaned without the site's rules too gave the same text"
            ),
            Self::Layout { pages, shared_percent } => write!(
                f,
                "layout: the newest {pages} pages share at most {shared_percent} % of their class names with any of the first ones"
            ),
            Self::Drifted { pages, of, shortfalls } => write!(
                f,
                "drifted: {pages} of the newest {of} pages fall short: {}",
                shortfalls.join("; ")
            ),
        }
    }
}
