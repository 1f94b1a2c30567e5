//! The samples, once read: pages taken apart, and the lines of dumps.

use std::collections::BTreeMap;

use super::Sample;
use super::study::StudiedPage;
use crate::clean::generic::model::Model;
use crate::limits::Limits;
use crate::page::metadata::{self, hostname};
use crate::page::{Dom, Page, PageError, PageHints, PageKind, RawPage, lines};

/// The samples, once read.
#[derive(Default)]
pub(super) struct Read {
    html: Vec<(usize, StudiedPage)>,
    dumps: Vec<(usize, Vec<String>)>,
    /// The hosts that the pages name, with how many name each.
    pub(super) hosts: BTreeMap<String, usize>,
    /// Samples that are no pages, each with the reason.
    pub(super) unread: Vec<String>,
}

/// Some of the samples.
pub(super) struct Chosen<'a> {
    /// Pages.
    pub(super) html: Vec<&'a StudiedPage>,
    /// Dumps.
    pub(super) dumps: Vec<&'a [String]>,
}

impl Read {
    /// Reads samples; what can't be read is told.
    pub(super) fn from(samples: &[Sample], limits: &Limits, model: &Model) -> Self {
        let mut read = Self::default();
        for (at, sample) in samples.iter().enumerate() {
            if let Err(error) = read.add(at, sample, limits, model) {
                read.unread.push(format!("{}: {error}", sample.name));
            }
        }
        read
    }

    fn add(&mut self, at: usize, sample: &Sample, limits: &Limits, model: &Model) -> Result<(), PageError> {
        let raw = RawPage {
            bytes: &sample.bytes,
            hints: PageHints::default(),
        };
        let page = Page::decode(&raw)?;
        match page.kind {
            PageKind::Html => {
                let dom = Dom::parse(&page.text, limits)?;
                if let Some(host) = metadata::read(&dom).url.as_deref().and_then(hostname) {
                    *self.hosts.entry(host).or_default() += 1;
                }
                self.html.push((at, StudiedPage::of(&dom, model)));
            }
            PageKind::Text => {
                let blocks = lines::blocks(&page.text).into_iter().take(limits.lines_max);
                self.dumps.push((at, blocks.map(|block| block.text).collect()));
            }
        }
        Ok(())
    }

    /// How many samples could be read.
    pub(super) fn count(&self) -> usize {
        self.html.len() + self.dumps.len()
    }

    /// The pages.
    pub(super) fn pages(&self) -> Vec<&StudiedPage> {
        self.html.iter().map(|(_, page)| page).collect()
    }

    /// The dumps.
    pub(super) fn dumps(&self) -> Vec<&[String]> {
        self.dumps.iter().map(|(_, dump)| dump.as_slice()).collect()
    }

    /// The place among all samples of what stands at a place here, pages before dumps.
    pub(super) fn sample(&self, at: usize) -> Option<usize> {
        let places = self.html.iter().map(|(place, _)| *place);
        places.chain(self.dumps.iter().map(|(place, _)| *place)).nth(at)
    }

    /// All samples.
    pub(super) fn all(&self) -> Chosen<'_> {
        self.without(self.count())
    }

    /// All samples but one.
    pub(super) fn without(&self, left_out: usize) -> Chosen<'_> {
        let html = self.pages().into_iter().enumerate();
        let dumps = self.dumps().into_iter().enumerate();
        Chosen {
            html: html.filter(|(at, _)| *at != left_out).map(|(_, page)| page).collect(),
            dumps: dumps
                .filter(|(at, _)| at + self.html.len() != left_out)
                .map(|(_, dump)| dump)
                .collect(),
        }
    }
}
