//! Cleaning without rules: what is main content is judged from the page alone.
//!
//! The seam: [`judge_html`] sees the tree, what the page says about itself, and its blocks; it puts a removal on every
//! block that is not main content, and touches nothing else. Text dumps have no structure to judge by: `clean::dump`
//! judges their lines, after the default rules have taken what is certain (datelines, comment forms, repeated leads).

mod census;
mod context;
pub mod features;
mod html;
pub mod kind;
pub mod model;
pub mod names;
pub mod numbers;
pub mod outline;
mod reasons;
pub mod roles;
pub mod shape;
pub mod tags;
pub mod top;
pub mod training;
pub(in crate::clean) mod word_set;
pub mod wording;

use crate::clean::generic::model::Model;
use crate::clean::segment::HtmlBlock;
use crate::page::{Dom, Metadata};

/// Judges the blocks of an HTML page; blocks that rules have removed already stay removed. The F1 that pages with such
/// a judgement have reached on average, from 0 to 1.
pub fn judge_html(dom: &Dom, metadata: &Metadata, blocks: &mut [HtmlBlock]) -> f32 {
    judge_html_by(dom, metadata, blocks, Model::shipped())
}

/// Judges by another model than the program's own. See [`judge_html`].
pub fn judge_html_by(dom: &Dom, metadata: &Metadata, blocks: &mut [HtmlBlock], model: &Model) -> f32 {
    html::judge(dom, metadata, blocks, model)
}

/// How sure the generic cleaner is of each block, from 0 to 1, that it is main content; of those that rules have
/// removed nothing is said.
pub fn certainties_html_by(dom: &Dom, metadata: &Metadata, blocks: &[HtmlBlock], model: &Model) -> Vec<f32> {
    html::sure(dom, metadata, blocks, model)
}
