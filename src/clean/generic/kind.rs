//! What kind of page it is: what counts as main content differs between an article, a shop and a forum.

use crate::clean::generic::features::PageFeatures;
use crate::clean::generic::model::Model;

/// The kinds, in the order of the model.
pub const NAMES: [&str; KINDS] = [
    "article",
    "collection",
    "documentation",
    "forum",
    "listing",
    "news",
    "product",
    "service",
];

/// How many kinds there are.
pub const KINDS: usize = 8;

/// Below this the logarithm of a probability makes no more difference.
const LEAST: f32 = -6.0;

/// A number that tells the kind of a page, with its name.
type Number = (&'static str, fn(&PageFeatures) -> f32);

/// The numbers that tell the kind; they count by their magnitude.
const NUMBERS: &[Number] = &[
    ("words", |page| page.sums.words),
    ("blocks", |page| page.sums.blocks),
    ("long blocks", |page| page.sums.long_blocks),
    ("links", |page| page.sums.links),
    ("images", |page| page.sums.images),
    ("controls", |page| page.sums.controls),
    ("headings", |page| page.sums.headings),
    ("words in paragraphs", |page| page.sums.paragraph_words),
    ("sentence marks", |page| page.sums.sentence_marks),
    ("link words", |page| page.sums.link_words),
    ("words of the top node", |page| page.top.words),
    ("long words of the top node", |page| page.top.long_words),
    ("blocks of the top node", |page| page.top.blocks),
    ("images of the top node", |page| page.top.images),
    ("cells", |page| page.cells),
    ("times", |page| page.times),
    ("items", |page| page.items),
    ("main headings", |page| page.main_headings),
    ("bytes of data", |page| page.data_bytes),
    ("money, percent", |page| page.money_share * 100.0),
];

/// The numbers of a page that tell its kind, in the order of the model.
pub fn numbers() -> impl ExactSizeIterator<Item = &'static Number> {
    NUMBERS.iter()
}

/// The values of those numbers.
pub fn values(page: &PageFeatures) -> impl Iterator<Item = f32> + '_ {
    NUMBERS.iter().map(|(_, number)| number(page).max(0.0).ln_1p())
}

/// The logarithms of the probabilities that a page is of each kind.
pub fn kinds(page: &PageFeatures, signs: &[String], model: &Model) -> [f32; KINDS] {
    let mut sums = model.kinds(values(page));
    for worth in signs.iter().filter_map(|sign| model.sign(sign)) {
        for (sum, worth) in sums.iter_mut().zip(worth) {
            *sum += worth;
        }
    }
    let greatest = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let all: f32 = sums.iter().map(|sum| (sum - greatest).exp()).sum();
    sums.map(|sum| (sum - greatest - all.ln()).max(LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probabilities_of_all_kinds_add_up() {
        let kinds = kinds(&PageFeatures::default(), &[], Model::shipped());
        let all: f32 = kinds.iter().map(|kind| kind.exp()).sum();
        assert!((all - 1.0).abs() < 0.02, "{all}");
    }

    #[test]
    fn signs_count_for_their_kind() {
        let with = |sign: &str| kinds(&PageFeatures::default(), &[sign.to_owned()], Model::shipped());
        let (article, product) = (with("og:article"), with("og:product"));
        assert!(product[6] > article[6], "{product:?} {article:?}");
    }
}
