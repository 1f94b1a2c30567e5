//! Rule files to compiled rules, and which of them a page gets.
//!
//! Layers, weakest first: defaults, families (in the order of `uses`), the site. Single values override, lists append
//! with the nearer layer first, `disable` takes out inherited rules by `id`. A user's file takes the place of the
//! shipped file for the same site, unless it says `extend = true`: then it is laid over it.

mod assembly;
pub mod bundle;
pub mod class;
pub mod elements;
mod file;
pub mod identify;
mod merge;
pub mod model;
mod overlay;
mod parse_condition;
mod parse_elements;
mod parse_expect;
mod parse_head;
mod parse_html;
mod parse_meta;
mod parse_overlay;
mod parse_rule;
mod parse_test;
mod parse_text;
pub mod pattern;
mod rule_set;
pub mod schema;
pub mod selector_index;
mod shipped;

pub use class::Class;
pub use file::{Fingerprint, Layer, Overlay, RuleFile, SCHEMA, Status, When};
pub use identify::{Identified, IdentifiedBy, identify};
pub use model::{Condition, Field, RuleInfo};
pub use overlay::{PageFacts, extras_for};
pub use parse_elements::is_selector;
pub use parse_test::RuleTest;
pub use rule_set::{Extras, KnownFamily, RuleSet, RuleSetOptions, Site, SiteRules};
pub use shipped::shipped;
