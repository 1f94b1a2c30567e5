//! An extraction in the making: the stages of cleaning in their order.

mod finish;
mod stated_body;

use std::sync::Arc;

use crate::clean::captures::Elements;
use crate::clean::extraction::{Held, Method, TracedBlock, Warning};
use crate::clean::generic::model::Model;
use crate::clean::layout::Layout;
use crate::clean::segment::{HtmlBlock, Marks, segment_until};
use crate::clean::source::replaced;
use crate::clean::{CleanOptions, captures, dump, generic, line_rules, marks, title};
use crate::limits::{Limits, Stop};
use crate::page::date::Stamp;
use crate::page::{Block, Dom, DomError, Metadata, Page, PageError, RawPage, flat, lines, metadata};
use crate::rules::identify::{PageView, holds};
use crate::rules::{
    Extras, Identified, IdentifiedBy, PageFacts, RuleInfo, RuleSet, Site, SiteRules, extras_for, identify,
};
use crate::text::has_word;

/// What the stages work from.
pub(super) struct Context<'a> {
    pub(super) raw: &'a RawPage<'a>,
    pub(super) page: &'a Page<'a>,
    pub(super) rules: &'a RuleSet,
    pub(super) options: CleanOptions,
    pub(super) limits: &'a Limits,
    pub(super) stop: &'a Stop<'a>,
    pub(super) model: &'a Model,
}

/// An extraction in the making.
pub(super) struct Draft {
    metadata: Metadata,
    blocks: Vec<TracedBlock>,
    identified: Identified,
    chosen: Chosen,
    method: Method,
    warnings: Vec<Warning>,
    sources: Vec<Arc<RuleInfo>>,
    layout: Option<Layout>,
    confidence: Option<f32>,
}

/// The rules that a page gets.
struct Chosen {
    rules: Arc<SiteRules>,
    overlays: Vec<String>,
    /// The families that the page shows, by their places in the rule set.
    families: Vec<usize>,
    held: Option<Held>,
}

pub(super) fn clean_html(context: &Context<'_>) -> Result<Draft, PageError> {
    let stop = context.stop;
    let mut dom = Dom::parse_until(&context.page.text, context.limits, stop)?;
    let mut own = metadata::read_until(&dom, stop);
    stop.check()?;
    let plain = || {
        segment_until(&dom, &Marks::default(), stop)
            .into_iter()
            .map(|block| block.block.text)
            .collect()
    };
    let (identified, chosen) = choose(
        context,
        &PageView {
            dom: Some(&dom),
            lines: &plain,
        },
        &|| own.date,
    );
    let rules = Arc::clone(&chosen.rules);
    stop.check()?;
    if let Some(replaced) = replaced(&context.page.text, &rules.rules.replace_source, stop) {
        dom = Dom::parse_until(&replaced, context.limits, stop)?;
    }
    let matches = rules.selectors.find(&dom, stop);
    stop.check()?;
    let (marks, mut warnings) = marks::mark(&dom, &rules.rules, &matches, stop);
    stop.check()?;
    let mut html_blocks = html_blocks_of(&dom, &marks, context)?;
    if dom.attributes_left_out() {
        warnings.push(Warning::AttributesLeftOut {
            element_attributes_max: context.limits.element_attributes_max,
        });
    }
    let (mut method, mut confidence) = (Method::Rules, None);
    if marks.keep.is_empty() {
        method = Method::Generic;
        warnings.extend(keep_matched_nothing(&identified, &rules));
        confidence = Some(generic::judge_html_by(&dom, &own, &mut html_blocks, context.model));
        stop.check()?;
    }
    own.url = identified.url.clone().or(own.url);
    let layout = identified.site.as_ref().map(|_| Layout::of(&dom));
    let sources = marks.outside.iter().map(|removal| Arc::clone(&removal.rule)).collect();
    let mut draft = Draft {
        metadata: own,
        blocks: traced(html_blocks),
        identified,
        chosen,
        method,
        warnings,
        sources,
        layout,
        confidence,
    };
    stated_body::settle(&mut draft);
    let elements = Elements {
        dom: &dom,
        matches: &matches,
    };
    draft.apply_rules(Some(&elements), stop);
    stop.check()?;
    if draft.is_empty() && draft.identified.site.is_some() {
        let mut html_blocks = html_blocks_of(&dom, &Marks::default(), context)?;
        let f1 = generic::judge_html_by(&dom, &draft.metadata, &mut html_blocks, context.model);
        draft.confidence = Some(f1);
        draft.start_again(&traced(html_blocks), false, context);
    }
    Ok(draft)
}

/// The blocks of a tree, unless there are more than can be judged.
fn html_blocks_of(dom: &Dom, marks: &Marks, context: &Context<'_>) -> Result<Vec<HtmlBlock>, PageError> {
    let blocks = segment_until(dom, marks, context.stop);
    context.stop.check()?;
    let blocks_max = context.limits.blocks_max;
    if blocks.len() > blocks_max {
        return Err(DomError::TooManyBlocks { blocks_max }.into());
    }
    Ok(blocks)
}

fn keep_matched_nothing(identified: &Identified, rules: &SiteRules) -> Option<Warning> {
    let site = identified.site.as_ref().filter(|_| !rules.rules.keep.is_empty())?;
    Some(Warning::KeepMatchedNothing {
        site: site.name.clone(),
    })
}

/// Cleans a text dump.
pub(super) fn clean_text(context: &Context<'_>) -> Result<Draft, PageError> {
    clean_lines(context, bounded_blocks(&context.page.text, context.limits)?)
}

/// Cleans a page of mark-up whose tree can't be built: its text is read like a dump. A page without a word stays
/// refused for what is wrong with its tree.
pub(super) fn clean_without_tree(context: &Context<'_>, why: DomError) -> Result<Draft, PageError> {
    let text = flat::text(&context.page.text, context.limits, context.stop)?;
    let mut blocks = bounded_blocks(&text, context.limits)?;
    if !blocks.iter().any(|block| has_word(&block.text)) {
        return Err(PageError::Dom(why));
    }
    for block in &mut blocks {
        // Lines that nobody can look up mean nothing.
        block.line = 0;
    }
    let mut draft = clean_lines(context, blocks)?;
    draft.warnings.push(Warning::WithoutTree { why });
    Ok(draft)
}

fn bounded_blocks(text: &str, limits: &Limits) -> Result<Vec<Block>, PageError> {
    let lines_max = limits.lines_max;
    let is_full = |line: &&str| !line.trim().is_empty();
    // Two bytes for every line are the least.
    if text.len() / 2 >= lines_max && lines::lines(text).filter(is_full).nth(lines_max).is_some() {
        return Err(PageError::TooManyLines { lines_max });
    }
    Ok(lines::blocks(text))
}

fn clean_lines(context: &Context<'_>, blocks: Vec<Block>) -> Result<Draft, PageError> {
    let blocks: Vec<TracedBlock> = blocks.into_iter().map(|block| TracedBlock::new(block, None)).collect();
    let plain = || blocks.iter().map(|traced| traced.block.text.clone()).collect();
    // Which layout a dump has can depend on its date, which only its rules can read.
    let date = || date_of_dump(context, &blocks);
    let (identified, chosen) = choose(
        context,
        &PageView {
            dom: None,
            lines: &plain,
        },
        &date,
    );
    context.stop.check()?;
    let method = if identified.site.is_some() {
        Method::Rules
    } else {
        Method::Generic
    };
    let metadata = Metadata {
        url: identified.url.clone(),
        ..Metadata::default()
    };
    let untouched = identified.site.is_some().then(|| blocks.clone());
    let mut draft = Draft {
        metadata,
        blocks,
        identified,
        chosen,
        method,
        warnings: Vec::new(),
        sources: Vec::new(),
        layout: None,
        confidence: None,
    };
    draft.apply_rules(None, context.stop);
    if let Some(untouched) = untouched.filter(|_| draft.is_empty()) {
        draft.start_again(&untouched, true, context);
    }
    context.stop.check()?;
    Ok(draft)
}

fn traced(blocks: Vec<HtmlBlock>) -> Vec<TracedBlock> {
    blocks
        .into_iter()
        .map(|block| TracedBlock::new(block.block, block.removal))
        .collect()
}

fn date_of_dump(context: &Context<'_>, blocks: &[TracedBlock]) -> Option<Stamp> {
    let plain = || blocks.iter().map(|traced| traced.block.text.clone()).collect();
    let site = identify(
        context.rules,
        &context.raw.hints,
        &PageView {
            dom: None,
            lines: &plain,
        },
    )
    .site?;
    let mut metadata = Metadata::default();
    captures::read(&site.rules().rules, None, &mut blocks.to_vec(), &mut metadata);
    metadata.date
}

/// Identifies the site and chooses the page's rules.
fn choose(context: &Context<'_>, view: &PageView<'_>, date: &dyn Fn() -> Option<Stamp>) -> (Identified, Chosen) {
    let none = RuleSet::default();
    let rules = if context.options.site_rules {
        context.rules
    } else {
        &none
    };
    let mut identified = identify(rules, &context.raw.hints, view);
    if identified.site.is_none() && identified.by != IdentifiedBy::Given {
        identified.by = IdentifiedBy::Nothing;
    }
    let day = || date().map(|stamp| stamp.date());
    let facts = PageFacts {
        view,
        url: identified.url.as_deref(),
        date: &day,
    };
    let extras = extras_for(rules, identified.site.as_deref(), &facts);
    let site_rules = match &identified.site {
        Some(site) => site.rules_with(&extras),
        None => context.rules.no_site(&extras.families),
    };
    let chosen = Chosen {
        held: held(&site_rules, view),
        overlays: names(rules, identified.site.as_deref(), &extras),
        families: extras.families,
        rules: site_rules,
    };
    (identified, chosen)
}

/// What explanations call the rules that count beside the layers.
fn names(rules: &RuleSet, site: Option<&Site>, extras: &Extras) -> Vec<String> {
    let known = rules.known_families();
    let families = extras.families.iter().filter_map(|at| known.get(*at));
    let overlays = site.map(Site::overlays).unwrap_or_default();
    let overlays = extras.overlays.iter().filter_map(|at| overlays.get(*at));
    families
        .map(|family| format!("family {}", family.name))
        .chain(overlays.map(|overlay| overlay.name.clone()))
        .collect()
}

fn held(rules: &SiteRules, view: &PageView<'_>) -> Option<Held> {
    if rules.rules.skip.is_empty() {
        return None;
    }
    let lines = (view.lines)();
    let rule = rules
        .rules
        .skip
        .iter()
        .find(|rule| holds(&rule.condition, view.dom, &lines))?;
    Some(Held {
        rule: Arc::clone(&rule.info),
        to: rule.to.clone(),
    })
}

impl Draft {
    fn is_empty(&self) -> bool {
        !self.blocks.iter().any(TracedBlock::is_kept)
    }

    fn apply_rules(&mut self, page: Option<&Elements<'_>>, stop: &Stop<'_>) {
        let rules = Arc::clone(&self.chosen.rules);
        self.sources
            .extend(captures::read(&rules.rules, page, &mut self.blocks, &mut self.metadata));
        self.warnings.extend(line_rules::apply(&mut self.blocks, &rules, stop));
        let is_wished = rules.rules.judge.as_ref().is_some_and(|switch| switch.on);
        if page.is_none() && (is_wished || self.identified.site.is_none()) {
            dump::judge(&mut self.blocks, &mut self.metadata);
        }
        title::settle(&mut self.blocks, &mut self.metadata, &rules.rules, page.is_some());
    }

    /// Rules that leave nothing do not fit this page: it is cleaned as one of no site, from blocks that no rule of the
    /// site has touched; with the families that it shows, unless it is they that leave nothing.
    fn start_again(&mut self, untouched: &[TracedBlock], is_dump: bool, context: &Context<'_>) {
        let cleaned_with = |families: &[usize]| {
            let (mut blocks, rules) = (untouched.to_vec(), context.rules.no_site(families));
            line_rules::apply(&mut blocks, &rules, context.stop);
            let mut metadata = self.metadata.clone();
            if is_dump {
                dump::judge(&mut blocks, &mut metadata);
            }
            blocks
                .iter()
                .any(TracedBlock::is_kept)
                .then_some((blocks, metadata, rules))
        };
        let families = &self.chosen.families;
        let cleaned = cleaned_with(families).or_else(|| (!families.is_empty()).then(|| cleaned_with(&[]))?);
        let Some((blocks, metadata, rules)) = cleaned else {
            return;
        };
        self.metadata = metadata;
        let site = self
            .identified
            .site
            .as_ref()
            .map_or_else(String::new, |site| site.name.clone());
        self.warnings.push(Warning::RulesRemovedEverything { site });
        self.blocks = blocks;
        self.method = Method::Generic;
        title::settle(&mut self.blocks, &mut self.metadata, &rules.rules, true);
    }
}
