//! `dehusk schema`.

use super::failure::Failure;
use super::output::print;
use crate::rules::schema::json_schema;

/// Prints the JSON Schema of rule files.
pub(super) fn run() -> Result<bool, Failure> {
    print(&format!("{:#}\n", json_schema()))?;
    Ok(true)
}
