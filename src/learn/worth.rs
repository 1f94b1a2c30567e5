//! How likely each block of the samples is main content, judged from all samples together.
//!
//! The generic cleaner sees one page and errs now and then; averaged over all blocks at the same place of a template,
//! its errors fade. And what stands word for word on several pages of a site is hardly the content of one of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::names::landmarks;
use super::study::{StudiedBlock, StudiedPage};
use super::teasers;

/// How much the judgement on the block itself weighs against that on its zone.
const OWN_SHARE: f64 = 0.5;

/// Words of evidence that a zone needs before it outweighs the block's own judgement.
const ZONE_WORDS: f64 = 20.0;

/// Fewest words of a block whose repetition says anything: cross-heads such as `Notes` repeat inside good content.
const REPEAT_WORDS_MIN: f64 = 4.0;

/// What is left of the worth of a block that stands on every page.
const REPEATED_WORTH: f64 = 0.1;

/// What is left of the worth of a block inside a landmark that frames the main content, or inside a list of teasers.
const OUTSIDE_WORTH: f64 = 0.1;

/// Samples of which every block has a worth.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    /// The page.
    pub(super) page: &'a StudiedPage,
    /// By block: how likely it is main content, from 0 to 1.
    pub(super) worth: Vec<f64>,
    /// The places of blocks inside landmarks that frame the main content, and inside lists of teasers.
    pub(super) outside: BTreeSet<usize>,
    /// The selectors that name lists of teasers on all pages together.
    pub(super) teasers: Rc<BTreeSet<&'a str>>,
    /// By block: the share of the other pages that have its text too.
    pub(super) repeated: Vec<f64>,
}

impl Judged<'_> {
    /// Which blocks the generic cleaner keeps.
    pub(super) fn kept(&self) -> Vec<bool> {
        self.page.blocks.iter().map(|block| block.kept).collect()
    }
}

/// On how many pages each text stands.
pub(super) type Copies<'a> = HashMap<&'a str, usize>;

/// Judges all blocks of pages of one layout.
pub(super) fn judge<'a>(pages: &[&'a StudiedPage]) -> Vec<Judged<'a>> {
    let zones = zones(pages);
    let copies = copies(pages);
    let teasers = Rc::new(teasers::selectors(pages, &copies));
    let others = number(pages.len().saturating_sub(1)).max(1.0);
    pages
        .iter()
        .map(|page| {
            let repeated: Vec<f64> = page
                .blocks
                .iter()
                .map(|block| number(copies.get(block.key.as_str()).copied().unwrap_or(1) - 1) / others)
                .collect();
            let mut worth: Vec<f64> = page
                .blocks
                .iter()
                .zip(&repeated)
                .map(|(block, repeated)| worth(block, *repeated, &zones))
                .collect();
            let outside = outside(page, &teasers);
            for at in &outside {
                if let Some(worth) = worth.get_mut(*at) {
                    *worth *= OUTSIDE_WORTH;
                }
            }
            Judged {
                page,
                worth,
                outside,
                teasers: Rc::clone(&teasers),
                repeated,
            }
        })
        .collect()
}

fn outside(page: &StudiedPage, teasers: &BTreeSet<&str>) -> BTreeSet<usize> {
    let of_landmarks = landmarks().filter_map(|css| page.named.get(css));
    let named = of_landmarks.chain(teasers.iter().filter_map(|css| page.named.get(*css)));
    named.flat_map(|named| named.ranges.iter().cloned().flatten()).collect()
}

fn worth(block: &StudiedBlock, repeated: f64, zones: &HashMap<u64, Zone>) -> f64 {
    let own = block.sure;
    let zone = zones
        .get(&block.zone)
        .map_or(own, |zone| zone.kept / zone.words.max(1.0));
    let words = zones.get(&block.zone).map_or(0.0, |zone| zone.words);
    let trust = (1.0 - OWN_SHARE) * words / (words + ZONE_WORDS);
    let judged = own * (1.0 - trust) + zone * trust;
    if block.words < REPEAT_WORDS_MIN {
        return judged;
    }
    judged * (1.0 - repeated * (1.0 - REPEATED_WORTH))
}

/// What is known of a place of the template.
#[derive(Debug, Default)]
struct Zone {
    words: f64,
    kept: f64,
}

fn zones(pages: &[&StudiedPage]) -> HashMap<u64, Zone> {
    let mut zones: HashMap<u64, Zone> = HashMap::new();
    for page in pages {
        // Each page has one voice, however long it is.
        let mut on_page: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
        for block in &page.blocks {
            let zone = on_page.entry(block.zone).or_default();
            zone.0 += block.words;
            zone.1 += block.words * block.sure;
        }
        for (key, (words, kept)) in on_page {
            let zone = zones.entry(key).or_default();
            let voice = words.min(100.0);
            zone.words += voice;
            zone.kept += voice * kept / words.max(1.0);
        }
    }
    zones
}

fn copies<'a>(pages: &[&'a StudiedPage]) -> Copies<'a> {
    let mut copies = HashMap::new();
    for page in pages {
        let keys: HashSet<&str> = page.blocks.iter().map(|block| block.key.as_str()).collect();
        for key in keys {
            *copies.entry(key).or_insert(0) += 1;
        }
    }
    copies
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "counts of a few pages are far below 2^52")]
pub(super) fn number(count: usize) -> f64 {
    count as f64
}
