//! `dehusk.Cleaner`: rules and limits, ready to clean pages on any number of threads.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use dehusk::clean::render::plain;
use dehusk::clean::{CleanOptions, Extraction, clean_until};
use dehusk::config::Config;
use dehusk::guard::{guarded, within};
use dehusk::limits::{Limits, Stop};
use dehusk::page::{PageHints, RawPage};
use dehusk::page_file;
use dehusk::rules::RuleSet;
use dehusk::rules::bundle::Settings;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::cleaned::Cleaned;
use crate::errors::Refusal;
use crate::rules::{Loaded, Sources, classes, load};

/// The charset of pages that come as `str`.
const STR_CHARSET: &str = "utf-8";

/// What a constructor was called with, to be called with again after pickling.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are keyword arguments, and any of them goes with any other"
)]
struct Arguments {
    rules: Vec<PathBuf>,
    shipped: bool,
    site_rules: bool,
    drafts: bool,
    keep_classes: Vec<String>,
    title: bool,
    page_seconds_max: f64,
    page_bytes_max: Option<u64>,
}

/// Cleans pages by rules. It never changes, and any number of threads may use it at once.
#[pyclass(frozen, module = "dehusk")]
pub(crate) struct Cleaner {
    arguments: Arguments,
    loaded: Loaded,
    options: CleanOptions,
    limits: Limits,
    page_time: Duration,
}

/// A page as Python hands it over; neither form is copied.
#[derive(FromPyObject)]
enum Source {
    /// Bytes, in whatever charset.
    Bytes(PyBackedBytes),
    /// Text that Python has decoded.
    Text(PyBackedStr),
}

/// A page's bytes, held while Python goes on.
enum PageBytes {
    Bytes(PyBackedBytes),
    Text(PyBackedStr),
    /// Text with half of a surrogate pair somewhere, replaced.
    Mended(String),
}

impl PageBytes {
    fn take(page: &Bound<'_, PyAny>) -> PyResult<Self> {
        match page.extract::<Source>() {
            Ok(Source::Bytes(bytes)) => Ok(Self::Bytes(bytes)),
            Ok(Source::Text(text)) => Ok(Self::Text(text)),
            Err(error) => match page.cast::<PyString>() {
                Ok(text) => Ok(Self::Mended(text.to_string_lossy().into_owned())),
                Err(_) => Err(error),
            },
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.as_bytes(),
            Self::Mended(text) => text.as_bytes(),
        }
    }

    fn charset(&self) -> Option<&'static str> {
        match self {
            Self::Bytes(_) => None,
            Self::Text(_) | Self::Mended(_) => Some(STR_CHARSET),
        }
    }
}

#[pymethods]
impl Cleaner {
    #[new]
    #[pyo3(signature = (
        rules = None,
        *,
        shipped = true,
        site_rules = true,
        drafts = false,
        keep_classes = Vec::new(),
        title = true,
        page_seconds_max = None,
        page_bytes_max = None
    ))]
    #[expect(
        clippy::too_many_arguments,
        clippy::fn_params_excessive_bools,
        reason = "Python names them all"
    )]
    fn new(
        py: Python<'_>,
        rules: Option<Sources>,
        shipped: bool,
        site_rules: bool,
        drafts: bool,
        keep_classes: Vec<String>,
        title: bool,
        page_seconds_max: Option<f64>,
        page_bytes_max: Option<u64>,
    ) -> PyResult<Self> {
        let defaults = Config::default().limits;
        let page_time = match page_seconds_max {
            None => Duration::from_secs(defaults.page_seconds_max),
            Some(seconds) => Duration::try_from_secs_f64(seconds)
                .map_err(|error| PyValueError::new_err(format!("page_seconds_max: {error}")))?,
        };
        let arguments = Arguments {
            rules: rules.map(Sources::into_paths).unwrap_or_default(),
            shipped,
            site_rules,
            drafts,
            keep_classes,
            title,
            page_seconds_max: page_time.as_secs_f64(),
            page_bytes_max,
        };
        let settings = Settings {
            drafts,
            keep_classes: classes(&arguments.keep_classes)?,
            limits: defaults.page,
        };
        let loaded = load(py, &arguments.rules, shipped, settings)?;
        let limits = Limits {
            page_bytes_max: page_bytes_max.unwrap_or(loaded.limits.page_bytes_max),
            ..loaded.limits.clone()
        };
        Ok(Self {
            arguments,
            loaded,
            options: CleanOptions { site_rules },
            limits,
            page_time,
        })
    }

    /// Cleans one page. Other Python threads run meanwhile.
    #[pyo3(signature = (page, url = None, id = None, *, charset = None, site = None))]
    #[expect(clippy::too_many_arguments, reason = "Python names them")]
    fn clean(
        &self,
        py: Python<'_>,
        page: &Bound<'_, PyAny>,
        url: Option<String>,
        id: Option<String>,
        charset: Option<String>,
        site: Option<String>,
    ) -> PyResult<Cleaned> {
        let bytes = PageBytes::take(page)?;
        let hints = PageHints {
            url,
            site,
            charset: bytes.charset().map(str::to_owned).or(charset),
            ..PageHints::default()
        };
        let outcome = py.detach(|| guarded(|| self.extract(bytes.as_bytes(), hints)));
        match outcome.unwrap_or_else(|said| Err(Refusal::panic(said))) {
            Ok((extraction, text)) => Ok(Cleaned::new(py, extraction, &text, id)),
            Err(refusal) => Err(refusal.raise(py, id.as_deref())),
        }
    }

    /// What should be looked at in the rules, one text each.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.loaded.warnings.clone()
    }

    /// The hash of everything that decides what comes out: the same for a folder of rules and its bundle.
    #[getter]
    fn rules_hash(&self) -> &str {
        &self.loaded.hash
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let arguments = &self.arguments;
        let named = PyDict::new(py);
        let rules: Vec<_> = arguments.rules.iter().map(|path| path.as_os_str()).collect();
        named.set_item("rules", rules)?;
        named.set_item("shipped", arguments.shipped)?;
        named.set_item("site_rules", arguments.site_rules)?;
        named.set_item("drafts", arguments.drafts)?;
        named.set_item("keep_classes", &arguments.keep_classes)?;
        named.set_item("title", arguments.title)?;
        named.set_item("page_seconds_max", arguments.page_seconds_max)?;
        named.set_item("page_bytes_max", arguments.page_bytes_max)?;
        Ok((PyTuple::empty(py), named))
    }
}

impl Cleaner {
    fn extract(&self, bytes: &[u8], hints: PageHints) -> Result<(Extraction, String), Refusal> {
        let bytes = page_file::unpacked(Cow::Borrowed(bytes), &self.limits)?;
        let raw = RawPage { bytes: &bytes, hints };
        let rules: &RuleSet = &self.loaded.rules;
        let clean = |stop: &Stop<'_>| clean_until(&raw, rules, self.options, &self.limits, stop);
        let extraction = within(self.page_time, clean)?;
        let text = plain(&extraction, self.arguments.title);
        Ok((extraction, text))
    }
}
