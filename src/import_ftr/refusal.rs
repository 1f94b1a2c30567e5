//! Why an expression has no counterpart.

/// Why an expression has no counterpart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It finds nothing in the original either.
    Dead(String),
    /// Our rule language can't say it.
    Inexpressible(String),
}

impl Refusal {
    /// It finds nothing in the original either, because of this.
    pub(super) fn dead(why: impl Into<String>) -> Self {
        Self::Dead(why.into())
    }

    /// Our rule language can't say it, because of this.
    pub(super) fn inexpressible(why: impl Into<String>) -> Self {
        Self::Inexpressible(why.into())
    }
}
