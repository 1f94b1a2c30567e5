//! TOML files that people write: every fault found at once, each with its place and a remedy.
//!
//! Rule files and the configuration are both read through here, so both are equally strict: an unknown key is a fault,
//! never silently passed over.

mod diagnostic;
mod reader;
mod remedy;
mod shape;
mod syntax;

pub use diagnostic::{Diagnostic, Severity, SourceFile};
pub use reader::{Item, Located, TableReader, read, read_known, shape};
pub use shape::{Kind, Shape};
