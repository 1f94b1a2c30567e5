//! Why nothing could be learned.

use std::fmt;

/// Why nothing could be learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LearnError {
    /// None of the samples is a page.
    NoPages {
        /// What is wrong with each.
        unread: Vec<String>,
    },
    /// Neither the pages nor the caller name the site.
    UnknownSite,
    /// The learned file has a fault: a bug of the learner.
    Fault {
        /// The fault.
        fault: String,
    },
}

impl fmt::Display for LearnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPages { unread } if unread.is_empty() => f.write_str("there are no pages to learn from"),
            Self::NoPages { unread } => write!(f, "none of the samples is a page: {}", unread.join("; ")),
            Self::UnknownSite => f.write_str("the pages don't name their site: add --site"),
            Self::Fault { fault } => write!(f, "the learned file has a fault, which is a bug of dehusk: {fault}"),
        }
    }
}

impl std::error::Error for LearnError {}
