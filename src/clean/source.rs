//! Replaces in the source of a page (`html.replace`), before its tree is built.

use std::borrow::Cow;

use regex::Regex;

use crate::limits::{REPLACED_BYTES_MAX, Stop};
use crate::rules::model::ReplaceRule;

/// The source with its replacements, if any of them found something. Ends early, with anything, when the time is over.
pub(super) fn replaced(source: &str, replacements: &[ReplaceRule], stop: &Stop<'_>) -> Option<String> {
    let mut text = Cow::Borrowed(source);
    for rule in replacements {
        if let Some(changed) = replaced_by(&rule.regex, &text, &rule.with, stop) {
            text = Cow::Owned(changed);
        }
    }
    match text {
        Cow::Owned(changed) => Some(changed),
        Cow::Borrowed(_) => None,
    }
}

/// What one pattern makes of the text; none where it finds nothing, or would make it too large.
fn replaced_by(regex: &Regex, text: &str, with: &str, stop: &Stop<'_>) -> Option<String> {
    let mut changed = String::new();
    let mut copied = 0;
    let mut found = false;
    // One search can read the whole page, so every one is worth a look at the time.
    for captures in regex.captures_iter(text).take_while(|_| stop.check().is_ok()) {
        let whole = captures.get_match();
        changed.push_str(text.get(copied..whole.start()).unwrap_or_default());
        captures.expand(with, &mut changed);
        copied = whole.end();
        found = true;
        if changed.len() > REPLACED_BYTES_MAX {
            return None;
        }
    }
    changed.push_str(text.get(copied..).unwrap_or_default());
    Some(changed).filter(|changed| found && changed.len() <= REPLACED_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFile;
    use crate::toml_file::SourceFile;

    fn rules(replace: &str) -> Vec<ReplaceRule> {
        let text = format!("schema = 1\nsite = \"a.b\"\n[html]\nreplace = [{replace}]");
        RuleFile::parse(&SourceFile::new("f", text))
            .0
            .unwrap()
            .rules
            .replace_source
    }

    #[test]
    fn every_match_is_replaced_and_groups_come_along() {
        let rules = rules("{ re = '<b>(.*?)</b>', with = \"[$1]\" }, { re = 'y', with = \"\" }");
        let source = "<p>é<b>x</b> and <b>y</b>";
        assert_eq!(
            replaced(source, &rules, &Stop::never()).as_deref(),
            Some("<p>é[x] and []")
        );
        assert_eq!(replaced("<p>none", &rules, &Stop::never()), None);
    }

    #[test]
    fn replacements_that_double_the_page_again_and_again_end_at_the_limit() {
        let twice = "{ re = '(?s)^.*$', with = \"$0$0\" }, ".repeat(40);
        let grown = replaced(&"a".repeat(1024), &rules(&twice), &Stop::never()).unwrap();
        assert_eq!(grown.len(), REPLACED_BYTES_MAX);
    }

    #[test]
    fn a_slow_pattern_ends_when_the_time_is_over() {
        let looks = std::cell::Cell::new(0);
        let may_go_on = || {
            looks.set(looks.get() + 1);
            looks.get() < 10
        };
        let rules = rules("{ re = 'a.*[^a]|a', with = \"b\" }");
        replaced(&"a".repeat(20_000), &rules, &Stop::unless(&may_go_on));
        assert_eq!(looks.get(), 10);
    }
}
