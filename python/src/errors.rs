//! Faults as exceptions, which `dehusk/errors.py` defines so that Python can pickle them.

use dehusk::toml_file::Diagnostic;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// The code of a page on which dehusk itself failed.
const PANIC: &str = "panic";

static PAGE_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static RULE_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// Why a page gave no text.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The short fixed word that reason files and counts use too.
    pub(crate) code: &'static str,
    /// The same for people.
    pub(crate) message: String,
}

impl Refusal {
    /// A panic in the cleaner, by what it said.
    pub(crate) fn panic(message: String) -> Self {
        Self { code: PANIC, message }
    }

    /// The exception, which names the page if that has an id.
    pub(crate) fn raise(&self, py: Python<'_>, id: Option<&str>) -> PyErr {
        exception(py, &PAGE_ERROR, "PageError", (self.code, &self.message, id))
    }
}

impl From<dehusk::page::PageError> for Refusal {
    fn from(error: dehusk::page::PageError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

impl From<dehusk::page_file::ReadError> for Refusal {
    fn from(error: dehusk::page_file::ReadError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

/// The exception for rules that can't be used, with everything that is wrong with them.
pub(crate) fn rule_error(py: Python<'_>, faults: &[Diagnostic]) -> PyErr {
    let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
    exception(py, &RULE_ERROR, "RuleError", (texts,))
}

fn exception<'py>(
    py: Python<'py>,
    class: &PyOnceLock<Py<PyType>>,
    name: &str,
    arguments: impl pyo3::call::PyCallArgs<'py>,
) -> PyErr {
    class
        .import(py, "dehusk.errors", name)
        .and_then(|class| class.call1(arguments))
        .map_or_else(|error| error, PyErr::from_value)
}
