//! How layers of rules lie on each other.

use std::sync::Arc;

use crate::rules::class::Class;
use crate::rules::model::{RuleInfo, Rules};

impl Rules {
    /// Lays `over` on top of these rules: single values override, lists append with `over` first.
    #[must_use]
    pub fn overlaid_by(&self, over: &Self) -> Self {
        let mut meta = over.meta.clone();
        for (field, sources) in &self.meta {
            meta.entry(*field).or_default().extend(sources.iter().cloned());
        }
        Self {
            meta,
            title_replace: joined(&over.title_replace, &self.title_replace),
            replace_source: joined(&over.replace_source, &self.replace_source),
            rename: joined(&over.rename, &self.rename),
            skip: joined(&over.skip, &self.skip),
            expect: over.expect.clone().or_else(|| self.expect.clone()),
            keep: joined(&over.keep, &self.keep),
            strip: joined(&over.strip, &self.strip),
            keep_line: joined(&over.keep_line, &self.keep_line),
            drop_line: joined(&over.drop_line, &self.drop_line),
            cut_from: joined(&over.cut_from, &self.cut_from),
            cut_before: joined(&over.cut_before, &self.cut_before),
            drop_block: joined(&over.drop_block, &self.drop_block),
            dedupe: over.dedupe.clone().or_else(|| self.dedupe.clone()),
            resplit: over.resplit.clone().or_else(|| self.resplit.clone()),
            join_lines: over.join_lines.clone().or_else(|| self.join_lines.clone()),
            judge: over.judge.clone().or_else(|| self.judge.clone()),
            replace: joined(&over.replace, &self.replace),
        }
    }

    /// Takes out every rule whose `id` is in `ids`.
    pub fn disable(&mut self, ids: &[String]) {
        if !ids.is_empty() {
            self.retain(|info| info.id.as_ref().is_none_or(|id| !ids.contains(id)));
        }
    }

    /// Takes out every rule that removes something of these classes: what it would remove stays.
    pub fn keep_classes(&mut self, classes: &[Class]) {
        if classes.is_empty() {
            return;
        }
        self.retain(|info| info.class == Class::Metadata || !classes.contains(&info.class));
    }

    fn retain(&mut self, stays: impl Fn(&RuleInfo) -> bool) {
        self.meta
            .values_mut()
            .for_each(|sources| sources.retain(|rule| stays(&rule.info)));
        for list in [&mut self.title_replace, &mut self.replace_source, &mut self.replace] {
            list.retain(|rule| stays(&rule.info));
        }
        self.rename.retain(|rule| stays(&rule.elements.info));
        self.skip.retain(|rule| stays(&rule.info));
        for list in [&mut self.keep, &mut self.strip] {
            list.retain(|rule| stays(&rule.info));
        }
        for list in [
            &mut self.keep_line,
            &mut self.drop_line,
            &mut self.cut_from,
            &mut self.cut_before,
        ] {
            list.retain(|rule| stays(&rule.info));
        }
        self.drop_block.retain(|rule| stays(&rule.from.info));
        self.dedupe = self.dedupe.take().filter(|rule| stays(&rule.info));
    }

    /// What to say about every rule, for checks and explanations.
    pub fn infos(&self) -> Vec<&Arc<RuleInfo>> {
        let lines = [&self.keep_line, &self.drop_line, &self.cut_from, &self.cut_before];
        let mut infos: Vec<&Arc<RuleInfo>> = self.meta.values().flatten().map(|rule| &rule.info).collect();
        infos.extend(
            self.title_replace
                .iter()
                .chain(&self.replace_source)
                .chain(&self.replace)
                .map(|rule| &rule.info),
        );
        infos.extend(self.rename.iter().map(|rule| &rule.elements.info));
        infos.extend(self.skip.iter().map(|rule| &rule.info));
        infos.extend(self.keep.iter().chain(&self.strip).map(|rule| &rule.info));
        infos.extend(lines.into_iter().flatten().map(|rule| &rule.info));
        infos.extend(self.drop_block.iter().map(|rule| &rule.from.info));
        infos.extend(self.dedupe.iter().map(|rule| &rule.info));
        // Not `judge`: what goes by it has its own reasons, so that it would look as if it never did anything.
        infos.extend(self.resplit.iter().chain(&self.join_lines).map(|switch| &switch.info));
        infos
    }
}

fn joined<T: Clone>(first: &[T], second: &[T]) -> Vec<T> {
    first.iter().chain(second).cloned().collect()
}
