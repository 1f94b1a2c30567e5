//! Names of elements and attributes as html5ever holds them, without looking each up in its tables again and again.

use html5ever::LocalName;

/// Names that are remembered. A page has a few dozen.
const SLOTS: usize = 128;

/// Names up to this length, in bytes, are held in place and need no look-up.
const SHORT: usize = 7;

/// The names that were made last, each in the slot that its letters lead to.
pub(super) struct Names(Vec<LocalName>);

impl Default for Names {
    fn default() -> Self {
        Self(vec![LocalName::default(); SLOTS])
    }
}

impl Names {
    /// A name.
    pub(super) fn get(&mut self, name: &str) -> LocalName {
        if name.len() <= SHORT {
            return LocalName::from(name);
        }
        let Some(slot) = self.0.get_mut(slot_of(name.as_bytes())) else {
            return LocalName::from(name);
        };
        if **slot != *name {
            *slot = LocalName::from(name);
        }
        slot.clone()
    }
}

/// Where a name is remembered. Names of the same prefix, such as `data-`, differ in their length and last letters.
fn slot_of(name: &[u8]) -> usize {
    let mix = |sum: usize, byte: &u8| sum.wrapping_mul(31).wrapping_add(usize::from(*byte));
    let last = name.iter().rev().take(SHORT).fold(name.len(), mix);
    name.iter().take(1).fold(last, mix) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_themselves_whatever_was_there_before() {
        let mut names = Names::default();
        for round in 0..2 {
            for number in 0..1_000 {
                let name = format!("data-{number}");
                assert_eq!(*names.get(&name), *name, "{round}");
            }
        }
        assert_eq!(names.get("p"), html5ever::local_name!("p"));
        assert_eq!(names.get("blockquote"), html5ever::local_name!("blockquote"));
    }
}
