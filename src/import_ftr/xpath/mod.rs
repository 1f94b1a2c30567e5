//! `XPath` 1.0 as a tree, as far as site files use it: read, and checked for what an engine would refuse.

mod check;
mod parse;
mod token;
mod tree;

pub(super) use check::{check, is_node_set};
pub(super) use parse::parse;
pub(super) use tree::{Axis, Comparison, Expr, NodeTest, Path, Step};
