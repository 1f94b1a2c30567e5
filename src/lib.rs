//! dehusk strips the boilerplate from scraped pages.
//!
//! The core is pure: bytes and rules go in; text, metadata and a reason for every removed line come out. It does no
//! I/O and reads no clock, environment or log. See `ARCHITECTURE.md` for how the modules lie on each other.

pub mod clean;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod drift;
pub mod guard;
pub mod import_ftr;
pub mod learn;
pub mod limits;
pub mod page;
pub mod page_file;
pub mod pipe;
pub mod record;
pub mod rule_folder;
pub mod rule_test;
pub mod rules;
pub mod scaffold;
pub mod text;
pub mod toml_file;
pub mod warc;
