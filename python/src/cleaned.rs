//! `dehusk.Cleaned`: what became of a page.

use dehusk::clean::render::{markdown, metadata_json};
use dehusk::clean::{Extraction, Fate, TracedBlock};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::values::to_python;

/// A cleaned page. It never changes; what is not asked for is not made.
#[pyclass(frozen, module = "dehusk")]
pub(crate) struct Cleaned {
    extraction: Extraction,
    text: Py<PyString>,
    id: Option<String>,
}

/// A line that went, and why.
#[pyclass(frozen, get_all, module = "dehusk")]
pub(crate) struct Removal {
    /// The line.
    text: String,
    /// Its number in the page, from 1; pages of mark-up have none.
    line: Option<usize>,
    /// What it was: a word of the rule language's classes.
    kind: &'static str,
    /// The key of the rule that took it.
    rule: String,
    /// The rule's pattern, or the built-in reason.
    pattern: String,
    /// The rule's own id.
    rule_id: Option<String>,
    /// The file that the rule stands in.
    file: String,
    /// The rule's line in that file, from 1; built-in rules have none.
    file_line: Option<usize>,
    /// File and line in one, as explanations show them.
    place: String,
}

impl Cleaned {
    pub(crate) fn new(py: Python<'_>, extraction: Extraction, text: &str, id: Option<String>) -> Self {
        Self {
            extraction,
            text: PyString::new(py, text).unbind(),
            id,
        }
    }
}

#[pymethods]
impl Cleaned {
    #[getter]
    fn text(&self, py: Python<'_>) -> Py<PyString> {
        self.text.clone_ref(py)
    }

    #[getter]
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    #[getter]
    fn title(&self) -> Option<&str> {
        self.extraction.metadata.title.as_deref()
    }

    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &metadata_json(&self.extraction))
    }

    /// The metadata as JSON, as the daemon writes it, on one line.
    fn metadata_json(&self) -> String {
        metadata_json(&self.extraction).to_string()
    }

    #[getter]
    fn removals(&self) -> Vec<Removal> {
        self.extraction.blocks.iter().filter_map(Removal::of).collect()
    }

    #[getter]
    fn confidence(&self) -> Option<f32> {
        self.extraction.confidence
    }

    #[getter]
    fn site(&self) -> Option<&str> {
        self.extraction.site.as_deref()
    }

    #[getter]
    fn rule_set(&self) -> &str {
        &self.extraction.rule_set
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.extraction.warnings.iter().map(ToString::to_string).collect()
    }

    /// The text as Markdown.
    #[pyo3(signature = (*, title = false, front_matter = false))]
    fn markdown(&self, title: bool, front_matter: bool) -> String {
        markdown(&self.extraction, title, front_matter)
    }

    fn __str__(&self, py: Python<'_>) -> Py<PyString> {
        self.text.clone_ref(py)
    }
}

impl Removal {
    fn of(traced: &TracedBlock) -> Option<Self> {
        let Fate::Removed(removal) = &traced.fate else {
            return None;
        };
        let rule = &removal.rule;
        Some(Self {
            text: traced.block.text.clone(),
            line: Some(traced.block.line).filter(|line| *line > 0),
            kind: removal.class.name(),
            rule: rule.key.clone(),
            pattern: rule.pattern.clone(),
            rule_id: rule.id.clone(),
            file: rule.origin.file.to_string(),
            file_line: Some(rule.origin.line).filter(|line| *line > 0),
            place: rule.place(),
        })
    }
}

#[pymethods]
impl Removal {
    fn __repr__(&self) -> String {
        format!(
            "<Removal {}: {} ({}) {:?}>",
            self.kind, self.rule, self.place, self.text
        )
    }
}
