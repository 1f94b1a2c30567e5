//! Main content by structure, link density and text.

use crate::clean::segment::HtmlBlock;
use crate::page::{Dom, Metadata};

/// Puts a removal on every block that is not main content.
pub(super) fn judge(_dom: &Dom, _metadata: &Metadata, _blocks: &mut [HtmlBlock]) {}
