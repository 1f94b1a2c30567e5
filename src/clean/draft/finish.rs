//! The end of the stages: what the last of them leave becomes the extraction, with all that is to be warned of.

use super::{Context, Draft};
use crate::clean::expect;
use crate::clean::extraction::{Extraction, Warning};
use crate::clean::language::language;
use crate::page::metadata::hostname;

impl Draft {
    /// The extraction.
    pub(in crate::clean) fn finish(mut self, context: &Context<'_>) -> Extraction {
        self.collect_warnings(context);
        self.metadata.body = None;
        let mut metadata = self.metadata;
        metadata.hostname = metadata.url.as_deref().and_then(hostname).or(metadata.hostname);
        metadata.language = metadata.language.or_else(|| language(&self.blocks));
        let mut extraction = Extraction {
            metadata,
            blocks: self.blocks,
            site: self.identified.site.as_ref().map(|site| site.name.clone()),
            identified_by: self.identified.by,
            evidence: self.identified.evidence,
            method: self.method,
            rule_set: self.chosen.rules.hash.clone(),
            kind: context.page.kind,
            charset: context.page.charset,
            charset_source: context.page.charset_source,
            warnings: self.warnings,
            sources: self.sources,
            overlays: self.chosen.overlays,
            held: self.chosen.held,
            layout: self.layout,
            confidence: self.confidence,
        };
        if let (Some(expect), true) = (&self.chosen.rules.rules.expect, extraction.site.is_some()) {
            let shortfalls = expect::shortfalls(&extraction, expect);
            extraction
                .warnings
                .extend(shortfalls.into_iter().map(|what| Warning::Unexpected { what }));
        }
        extraction
    }

    fn collect_warnings(&mut self, context: &Context<'_>) {
        if let Some(site) = context
            .raw
            .hints
            .site
            .as_ref()
            .filter(|_| self.identified.site.is_none())
        {
            self.warnings.push(Warning::UnknownSite { site: site.clone() });
        }
        if !self.identified.tied.is_empty() {
            self.warnings.push(Warning::FingerprintTie {
                sites: self.identified.tied.clone(),
            });
        }
        if context.page.malformed {
            self.warnings.push(Warning::MalformedCharset {
                charset: context.page.charset,
            });
        }
        if self.is_empty() {
            self.warnings.push(Warning::NoText);
        }
    }
}
