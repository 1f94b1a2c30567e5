//! What a line of a site file came to.

use crate::import_ftr::report::Outcome;

/// What a line came to.
pub(super) struct Made {
    /// What became of it.
    pub(super) outcome: Outcome,
    /// Why.
    pub(super) note: String,
    /// The key of its rules; empty where there are none.
    pub(super) key: &'static str,
    /// Its rules as TOML.
    pub(super) values: Vec<String>,
    /// A `[[skip]]`: selector and folder.
    pub(super) skip: Option<(String, &'static str)>,
}

impl Made {
    /// No rule, because of this.
    pub(super) fn nothing(outcome: Outcome, note: impl Into<String>) -> Self {
        Self {
            outcome,
            note: note.into(),
            key: "",
            values: Vec::new(),
            skip: None,
        }
    }

    /// Rules; exact unless there is something to note.
    pub(super) fn rules(key: &'static str, values: Vec<String>, notes: &[String]) -> Self {
        let outcome = if notes.is_empty() {
            Outcome::Exact
        } else {
            Outcome::Approximate
        };
        Self {
            key,
            values,
            ..Self::nothing(outcome, notes.join("; "))
        }
    }
}
