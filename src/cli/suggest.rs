//! `dehusk suggest`.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::arguments::ConfigOption;
use super::done::{DonePage, done_pages};
use super::failure::Failure;
use super::input::{hints_of, read_page, require_config};
use super::output::{print, safe};
use super::rule_source::{RuleOptions, load_rules};
use crate::clean::{CleanOptions, clean};
use crate::learn::{Suggestion, Survey};
use crate::limits::Limits;
use crate::page::{PageHints, RawPage};
use crate::rules::RuleSet;

#[derive(Debug, Args)]
pub(super) struct SuggestCommand {
    /// Only this site.
    #[arg(value_name = "SITE")]
    pub(super) site: Option<String>,
    /// How many lines are shown of each site.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(super) show: usize,
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Lists the sites and lines that are worth a rule; says whether there are none.
pub(super) fn run(options: &SuggestCommand) -> Result<bool, Failure> {
    let loaded = require_config(options.config.config.as_deref())?;
    let config = &loaded.config;
    let rule_options = RuleOptions::of(config, false);
    let (rules, _) = load_rules(&[loaded.resolve(&config.rules.folder)], &rule_options)?;
    let wanted = |page: &DonePage| {
        let site = page.site.as_deref().unwrap_or_default();
        options
            .site
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(site))
    };
    let mut surveys: BTreeMap<String, Survey> = BTreeMap::new();
    for page in done_pages(&loaded).iter().filter(|page| wanted(page)) {
        let name = page.site.clone().unwrap_or_else(|| "of no known site".to_owned());
        note(surveys.entry(name).or_default(), page, &rules, &config.limits.page);
    }
    let mut sites: Vec<(usize, String, Survey)> = surveys
        .into_iter()
        .map(|(name, survey)| (survey.suggestions().iter().map(|found| found.words).sum(), name, survey))
        .filter(|(words, _, _)| *words > 0)
        .collect();
    sites.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    show(&sites, options)?;
    Ok(sites.is_empty())
}

/// Cleans a page by the rules of today and notes what stays. A page that can't be read or cleaned says nothing.
fn note(survey: &mut Survey, page: &DonePage, rules: &RuleSet, limits: &Limits) {
    let Ok(bytes) = read_page(&page.path, limits) else {
        return;
    };
    let hints = PageHints {
        url: page.url.clone(),
        site: page.site.clone().filter(|site| rules.site_of_name(site).is_some()),
        ..PageHints::default()
    };
    let raw = RawPage {
        bytes: &bytes,
        hints: hints_of(&page.path, &hints),
    };
    if let Ok(extraction) = clean(&raw, rules, CleanOptions::default(), limits) {
        survey.note(&extraction);
    }
}

fn show(sites: &[(usize, String, Survey)], options: &SuggestCommand) -> Result<(), Failure> {
    let shown = |survey: &Survey| {
        survey
            .suggestions()
            .into_iter()
            .take(options.show)
            .collect::<Vec<Suggestion>>()
    };
    if options.json {
        let list: Vec<_> = sites
            .iter()
            .map(|(words, name, survey)| {
                let lines: Vec<_> = shown(survey)
                    .iter()
                    .map(|found| json!({ "line": found.line, "pages": found.pages, "words": found.words }))
                    .collect();
                json!({ "site": name, "pages": survey.pages(), "words": words, "lines": lines })
            })
            .collect();
        return print(&format!("{:#}\n", json!(list)));
    }
    for (words, name, survey) in sites {
        print(&format!(
            "{}: {words} words that repeat on its {} pages\n",
            safe(name),
            survey.pages()
        ))?;
        for found in shown(survey) {
            print(&format!(
                "  {:>6} words on {} pages  {}\n",
                found.words,
                found.pages,
                safe(&found.line)
            ))?;
        }
    }
    Ok(())
}
