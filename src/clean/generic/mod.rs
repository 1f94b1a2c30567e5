//! Cleaning without rules: what is main content is judged from the page alone.
//!
//! The seam: [`judge_html`] sees the tree, what the page says about itself, and its blocks; it puts a removal on every
//! block that is not main content, and touches nothing else. Text dumps have no structure to judge by: for them only
//! the default rules count, which take what is certain (datelines, comment forms, repeated leads).

pub mod evidence;
pub mod features;
mod html;
pub mod names;
pub mod outline;
mod reasons;
pub mod roles;
pub mod scales;
pub mod shape;
pub mod top;
mod weights;

use crate::clean::segment::HtmlBlock;
use crate::page::{Dom, Metadata};

/// Judges the blocks of an HTML page; blocks that rules have removed already stay removed.
pub fn judge_html(dom: &Dom, metadata: &Metadata, blocks: &mut [HtmlBlock]) {
    html::judge(dom, metadata, blocks);
}
