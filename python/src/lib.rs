//! dehusk's cleaner as a Python module, `dehusk._dehusk`; the package `dehusk` shows it.
//!
//! Everything that judges pages is in the crate `dehusk`: here values change hands between Rust and Python, and faults
//! become exceptions.

mod cleaned;
mod cleaner;
mod errors;
mod rules;
mod values;

use pyo3::prelude::*;

/// The module. Panics are told as exceptions, so their own words don't go to standard error.
#[pymodule]
mod _dehusk {
    #[pymodule_export]
    use crate::cleaned::{Cleaned, Removal};
    #[pymodule_export]
    use crate::cleaner::Cleaner;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        dehusk::guard::silence_panics();
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("POISON", cfg!(feature = "poison"))
    }
}
