//! Pages by site, in a table whose size does not depend on how many sites there are.

use super::super::names::harmless;
use super::report::{SiteReport, Totals};

/// Most sites that are counted by name.
const SITES_MAX: usize = 256;

/// Longest name that is kept, in characters; no host's is longer.
const NAME_CHARACTERS_MAX: usize = 253;

/// How a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Its outputs are in the outbox.
    Delivered,
    /// It is in the failed folder.
    Failed,
    /// Its outputs are in the held folder.
    Held,
}

impl Totals {
    fn add(&mut self, ending: Ending) {
        let count = match ending {
            Ending::Delivered => &mut self.delivered,
            Ending::Failed => &mut self.failed,
            Ending::Held => &mut self.held,
        };
        *count += 1;
    }

    fn add_all(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.held += other.held;
    }
}

/// The table. When it is full, a new site takes the place of the least busy one without rules of its own. Sites with
/// rules stay once they are in: a counter that a monitor has seen must not run backwards.
#[derive(Debug, Default)]
pub(super) struct SiteTable {
    rows: Vec<SiteReport>,
    others: Totals,
    total: Totals,
}

impl SiteTable {
    /// Counts a page.
    pub(super) fn count(&mut self, site: Option<&str>, has_rules: bool, ending: Ending) {
        self.total.add(ending);
        match site.and_then(|site| self.row(site, has_rules)) {
            Some(row) => {
                row.has_rules |= has_rules;
                row.pages.add(ending);
            }
            None => self.others.add(ending),
        }
    }

    /// All pages.
    pub(super) fn total(&self) -> Totals {
        self.total
    }

    /// The busiest sites, busiest first, and the sum of all other pages.
    pub(super) fn busiest(&self, most: usize) -> (Vec<SiteReport>, Totals) {
        self.split(most, |_| true)
    }

    /// The sites with rules, by name, and the sum of all other pages. Neither ever runs backwards.
    pub(super) fn with_rules(&self) -> (Vec<SiteReport>, Totals) {
        let (mut rows, others) = self.split(SITES_MAX, |row| row.has_rules);
        rows.sort_by(|one, other| one.site.cmp(&other.site));
        (rows, others)
    }

    fn split(&self, most: usize, is_wanted: impl Fn(&SiteReport) -> bool) -> (Vec<SiteReport>, Totals) {
        let (mut wanted, unwanted): (Vec<&SiteReport>, Vec<&SiteReport>) =
            self.rows.iter().partition(|row| is_wanted(row));
        wanted.sort_by(|one, other| other.pages.all().cmp(&one.pages.all()).then(one.site.cmp(&other.site)));
        let mut others = self.others;
        for row in unwanted.into_iter().chain(wanted.iter().skip(most).copied()) {
            others.add_all(row.pages);
        }
        (wanted.into_iter().take(most).cloned().collect(), others)
    }

    /// The row of a site, made if there is room.
    fn row(&mut self, site: &str, has_rules: bool) -> Option<&mut SiteReport> {
        let name: String = harmless(site).chars().take(NAME_CHARACTERS_MAX).collect();
        let found = self.rows.iter().position(|row| row.site == name);
        let index = match found {
            Some(index) => index,
            None => self.room()?,
        };
        if found.is_none() {
            let row = SiteReport {
                site: name,
                has_rules,
                pages: Totals::default(),
            };
            match self.rows.get_mut(index) {
                Some(old) => *old = row,
                None => self.rows.push(row),
            }
        }
        self.rows.get_mut(index)
    }

    /// The index of a row that is free, or is made so.
    fn room(&mut self) -> Option<usize> {
        if self.rows.len() < SITES_MAX {
            return Some(self.rows.len());
        }
        let without_rules = self.rows.iter().enumerate().filter(|(_, row)| !row.has_rules);
        let (index, row) = without_rules.min_by_key(|(_, row)| row.pages.all())?;
        self.others.add_all(row.pages);
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_sites_fill_no_more_rows_than_a_few_and_no_page_is_lost_count_of() {
        let mut table = SiteTable::default();
        for number in 0..2_000 {
            for _ in 0..3 {
                table.count(Some("busy.example"), false, Ending::Delivered);
            }
            table.count(Some(&format!("{number}.example")), false, Ending::Delivered);
            table.count(Some("ruled.example"), true, Ending::Held);
            table.count(None, false, Ending::Failed);
        }
        assert_eq!(table.rows.len(), SITES_MAX);
        let (busiest, others) = table.busiest(2);
        assert_eq!(busiest.first().unwrap().site, "busy.example");
        assert_eq!(busiest.first().unwrap().pages.delivered, 6_000);
        assert_eq!(busiest.get(1).unwrap().pages.held, 2_000);
        assert_eq!((others.delivered, others.failed, others.held), (2_000, 2_000, 0));
        assert_eq!(table.total().all(), 12_000);
    }

    #[test]
    fn sites_with_rules_stay_and_the_rest_never_runs_backwards() {
        let mut table = SiteTable::default();
        let mut before = 0;
        for number in 0..SITES_MAX * 3 {
            table.count(Some(&format!("{number}.example")), number % 3 == 0, Ending::Delivered);
            let (ruled, others) = table.with_rules();
            assert!(others.delivered >= before);
            before = others.delivered;
            assert_eq!(ruled.len() as u64 + others.delivered, number as u64 + 1);
        }
        let (ruled, _) = table.with_rules();
        assert_eq!(ruled.len(), SITES_MAX);
        assert!(ruled.iter().any(|row| row.site == "0.example"));
    }
}
