//! Reads the form in which models are stored, which `train/trees.py` describes and writes.

use std::fmt;

use crate::text::Fnv64;

use super::{FEATURES_MAX, LEAVES_MAX, Split, TREES_MAX, Trees};

const MAGIC: [u8; 4] = *b"dhtr";
const VERSION: u16 = 1;

/// Why bytes are no model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreesError {
    /// They don't begin like one.
    Magic,
    /// The model was written in another version of the form.
    Version {
        /// The version it names.
        found: u16,
    },
    /// They end before the model does.
    Short,
    /// The model ends before they do.
    Long {
        /// How many bytes are left.
        left: usize,
    },
    /// The checksum is not that of the bytes.
    Checksum,
    /// A number is out of its bounds.
    Bounds {
        /// What the number counts or names.
        what: &'static str,
        /// The number.
        found: usize,
    },
    /// The name of a feature is not text.
    Name {
        /// Which feature it is.
        feature: usize,
    },
    /// A threshold or the value of a leaf is not finite, or thresholds don't rise.
    Number {
        /// What it is.
        what: &'static str,
    },
}

impl fmt::Display for TreesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str("the bytes are no model of trees"),
            Self::Version { found } => {
                write!(
                    f,
                    "the model is of version {found} of its form, not of version {VERSION}"
                )
            }
            Self::Short => f.write_str("the model is cut short"),
            Self::Long { left } => write!(f, "{left} bytes follow the model"),
            Self::Checksum => f.write_str("the checksum of the model is wrong"),
            Self::Bounds { what, found } => write!(f, "{what} of the model out of bounds: {found}"),
            Self::Name { feature } => write!(f, "the name of feature {feature} is not text"),
            Self::Number { what } => write!(f, "a {what} of the model is not finite or out of order"),
        }
    }
}

impl std::error::Error for TreesError {}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], TreesError> {
        let (head, rest) = self.0.split_at_checked(count).ok_or(TreesError::Short)?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], TreesError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(TreesError::Short)?;
        self.0 = rest;
        Ok(*head)
    }

    fn u8(&mut self) -> Result<u8, TreesError> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Result<u16, TreesError> {
        self.array().map(u16::from_le_bytes)
    }

    /// A finite number.
    fn f32(&mut self, what: &'static str) -> Result<f32, TreesError> {
        let number = f32::from_le_bytes(self.array()?);
        if number.is_finite() {
            Ok(number)
        } else {
            Err(TreesError::Number { what })
        }
    }
}

/// A number that must lie between two others.
fn within(what: &'static str, found: usize, least: usize, most: usize) -> Result<usize, TreesError> {
    if (least..=most).contains(&found) {
        Ok(found)
    } else {
        Err(TreesError::Bounds { what, found })
    }
}

/// A split as it is stored: its leaves can only be checked once the sizes of the trees are known.
struct StoredSplit {
    threshold: f32,
    tree: u16,
    first: u8,
    end: u8,
}

pub(super) fn read(bytes: &[u8]) -> Result<Trees, TreesError> {
    let (body, sum) = bytes.split_last_chunk().ok_or(TreesError::Short)?;
    let mut rest = Rest(body);
    if rest.array()? != MAGIC {
        return Err(TreesError::Magic);
    }
    let found = rest.u16()?;
    if found != VERSION {
        return Err(TreesError::Version { found });
    }
    if Fnv64::of(body.iter().copied()) != u64::from_le_bytes(*sum) {
        return Err(TreesError::Checksum);
    }
    let feature_count = within("number of features", rest.u16()?.into(), 1, FEATURES_MAX)?;
    let tree_count = within("number of trees", rest.u16()?.into(), 1, TREES_MAX)?;
    let features = (0..feature_count)
        .map(|feature| name(&mut rest, feature))
        .collect::<Result<_, _>>()?;
    let stored: Vec<Vec<StoredSplit>> = (0..feature_count)
        .map(|_| splits(&mut rest))
        .collect::<Result<_, _>>()?;
    let trees: Vec<(u8, [f32; LEAVES_MAX])> = (0..tree_count).map(|_| leaves(&mut rest)).collect::<Result<_, _>>()?;
    if !rest.0.is_empty() {
        return Err(TreesError::Long { left: rest.0.len() });
    }
    let ready = |group: &Vec<StoredSplit>| group.iter().map(|split| checked(split, &trees)).collect();
    Ok(Trees {
        features,
        splits: stored.iter().map(ready).collect::<Result<_, _>>()?,
        leaves: trees.into_iter().map(|(_, values)| values).collect(),
    })
}

fn name(rest: &mut Rest<'_>, feature: usize) -> Result<String, TreesError> {
    let length = rest.u8()?;
    let bytes = rest.bytes(length.into())?;
    let text = std::str::from_utf8(bytes).ok().map(str::to_owned);
    text.ok_or(TreesError::Name { feature })
}

fn splits(rest: &mut Rest<'_>) -> Result<Vec<StoredSplit>, TreesError> {
    let count = within("number of splits", rest.u16()?.into(), 0, TREES_MAX * LEAVES_MAX)?;
    let mut splits: Vec<StoredSplit> = Vec::with_capacity(count);
    for _ in 0..count {
        let split = StoredSplit {
            threshold: rest.f32("threshold")?,
            tree: rest.u16()?,
            first: rest.u8()?,
            end: rest.u8()?,
        };
        if splits.last().is_some_and(|before| before.threshold > split.threshold) {
            return Err(TreesError::Number { what: "threshold" });
        }
        splits.push(split);
    }
    Ok(splits)
}

fn leaves(rest: &mut Rest<'_>) -> Result<(u8, [f32; LEAVES_MAX]), TreesError> {
    let count = rest.u8()?;
    let leaves = within("number of leaves", count.into(), 1, LEAVES_MAX)?;
    let mut values = [0.0; LEAVES_MAX];
    for value in values.iter_mut().take(leaves) {
        *value = rest.f32("leaf")?;
    }
    Ok((count, values))
}

/// A split whose tree is there and keeps the last leaf, which thus is always within reach.
fn checked(split: &StoredSplit, trees: &[(u8, [f32; LEAVES_MAX])]) -> Result<Split, TreesError> {
    let tree = usize::from(split.tree);
    let (leaves, _) = trees.get(tree).ok_or(TreesError::Bounds {
        what: "tree of a split",
        found: tree,
    })?;
    let end = within("leaf of a split", split.end.into(), 1, usize::from(*leaves) - 1)?;
    let first = within("leaf of a split", split.first.into(), 0, end - 1)?;
    let bits = |count: usize| (1_u32 << count) - 1;
    Ok(Split {
        threshold: split.threshold,
        tree: split.tree,
        keep: !(bits(end) & !bits(first)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model of one feature and one tree with a split at 0, with the checksum that belongs to it.
    fn model(first: u8, end: u8, threshold: f32) -> Vec<u8> {
        let mut bytes = b"dhtr\x01\0\x01\0\x01\0\x01x\x01\0".to_vec();
        bytes.extend(threshold.to_le_bytes());
        bytes.extend([0, 0, first, end, 2]);
        bytes.extend([1.0_f32, 2.0].iter().flat_map(|value| value.to_le_bytes()));
        sealed(bytes)
    }

    fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
        let sum = Fnv64::of(bytes.iter().copied());
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    #[test]
    fn a_value_on_the_threshold_goes_to_the_left() {
        let trees = read(&model(0, 1, 0.5)).unwrap();
        let mut scores = Vec::new();
        trees.scores(&[0.4, 0.5, 0.500_001], &mut scores);
        assert_eq!(scores, [1.0, 1.0, 2.0]);
    }

    #[test]
    fn numbers_that_make_no_sense_are_named() {
        let bounds = |found| TreesError::Bounds {
            what: "leaf of a split",
            found,
        };
        assert_eq!(read(&model(0, 2, 0.5)), Err(bounds(2)));
        assert_eq!(read(&model(1, 1, 0.5)), Err(bounds(1)));
        let what = "threshold";
        assert_eq!(read(&model(0, 1, f32::NAN)), Err(TreesError::Number { what }));
    }

    #[test]
    fn what_is_no_model_says_why() {
        let whole = model(0, 1, 0.5);
        assert_eq!(read(b"<html>"), Err(TreesError::Short));
        assert_eq!(read(b"<html><body><p>"), Err(TreesError::Magic));
        assert_eq!(read(b"dhtr\x02\0 and more"), Err(TreesError::Version { found: 2 }));
        assert_eq!(read(&whole[..20]), Err(TreesError::Checksum));
        let body = &whole[..whole.len() - 8];
        assert_eq!(
            read(&sealed([body, b"more"].concat())),
            Err(TreesError::Long { left: 4 })
        );
        assert_eq!(read(&sealed(body[..30].to_vec())), Err(TreesError::Short));
    }
}
