//! Names that a person gave to elements, told from those that a build tool made.

use scraper::ElementRef;

use super::looks::{is_look, is_plain};

/// Longest name that is taken, in characters: longer ones are generated.
const NAME_CHARS_MAX: usize = 48;

/// Fewest characters of a name that says anything.
const NAME_CHARS_MIN: usize = 3;

/// Longest part of a name that has digits in it and may still be a person's, such as `col3` or `v12`.
const DIGIT_PART_CHARS_MAX: usize = 4;

/// Longest part without a vowel that is still an abbreviation, not a hash.
const CONSONANTS_MAX: usize = 5;

/// Most letters of a part of a name that is looked at for small and capital letters mixed as chance has it.
const SCRAMBLED_CHARS_MAX: usize = 6;

/// Beginnings of names that tools for styles in scripts make.
const MACHINE_PREFIXES: &[&str] = &[
    "css-",
    "sc-",
    "jsx-",
    "svelte-",
    "emotion-",
    "jss",
    "makeStyles-",
    "tss-",
    "astro-",
    "radix-",
    "headlessui-",
    "chakra-",
    "react-aria",
];

/// Elements whose very name tells what they hold.
const TELLING_TAGS: &[&str] = &[
    "article",
    "aside",
    "dialog",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "main",
    "nav",
];

/// Landmarks that frame the main content, by the meaning that HTML and ARIA give them: what stands there on page after
/// page is hardly main content, even where the generic cleaner thinks so.
const LANDMARKS: &[&str] = &[
    "aside",
    "footer",
    "nav",
    "[role='complementary']",
    "[role='contentinfo']",
    "[role='navigation']",
];

/// Attributes that people give so that others can rely on them.
const TELLING_ATTRIBUTES: &[&str] = &[
    "itemprop",
    "role",
    "data-testid",
    "data-component",
    "data-module",
    "property",
];

/// How much a selector is trusted to mean the same tomorrow, the smaller the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// An id or a class that a person named after the content.
    Name,
    /// An attribute that others rely on.
    Attribute,
    /// The name of an element.
    Tag,
    /// A name that tells about looks.
    Plain,
    /// The part of a made-up class name that a person wrote.
    Prefix,
}

/// Selectors of one element that a person would write.
pub(super) fn selectors_of(element: ElementRef<'_>) -> Vec<(String, Trust)> {
    let value = element.value();
    let mut found = Vec::new();
    if let Some(id) = value.id().filter(|id| is_given(id)) {
        found.push((format!("#{id}"), trust_in(id)));
    }
    for class in value.classes() {
        if is_given(class) {
            found.push((format!(".{class}"), trust_in(class)));
        } else if let Some(prefix) = module_prefix(class) {
            found.push((format!("[class*='{prefix}']"), Trust::Prefix));
        }
    }
    for name in TELLING_ATTRIBUTES {
        if let Some(given) = value.attr(name).filter(|given| is_given(given)) {
            let trust = trust_in(given).max(Trust::Attribute);
            found.push((format!("[{name}='{given}']"), trust));
        }
    }
    if TELLING_TAGS.contains(&value.name()) {
        found.push((value.name().to_owned(), Trust::Tag));
    }
    found
}

/// Whether a selector names landmarks that frame the main content.
pub(super) fn is_landmark(css: &str) -> bool {
    LANDMARKS.contains(&css)
}

/// The selectors of landmarks that frame the main content.
pub(super) fn landmarks() -> impl Iterator<Item = &'static str> {
    LANDMARKS.iter().copied()
}

fn trust_in(name: &str) -> Trust {
    if is_plain(name) { Trust::Plain } else { Trust::Name }
}

/// Whether a name looks like one that a person gave.
pub(super) fn is_given(name: &str) -> bool {
    let count = name.chars().count();
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let begins = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    plain
        && begins
        && (NAME_CHARS_MIN..=NAME_CHARS_MAX).contains(&count)
        && !is_of_tool(name)
        && !name.split(['-', '_']).any(is_machine_made)
        && !is_look(name)
}

/// Whether a name begins as those do that tools for styles make.
fn is_of_tool(name: &str) -> bool {
    MACHINE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a part of a name is a hash or a number.
fn is_machine_made(part: &str) -> bool {
    let digits = part.chars().filter(char::is_ascii_digit).count();
    if digits > 0 {
        return part.len() > DIGIT_PART_CHARS_MAX || digits == part.len() && digits > 2;
    }
    let vowels = part.chars().filter(|c| "aeiouyAEIOUY".contains(*c)).count();
    let capitals = part.chars().skip(1).filter(char::is_ascii_uppercase).count();
    let all_capitals = part.chars().all(|c| c.is_ascii_uppercase());
    let uneven = !all_capitals && capitals > 2 && capitals * 10 > part.len() * 3;
    vowels == 0 && part.len() > CONSONANTS_MAX || uneven || part.len() <= SCRAMBLED_CHARS_MAX && is_scrambled(part)
}

/// Whether a capital within a part of a name begins no word: one with a vowel, of three letters, or of capitals alone.
fn is_scrambled(part: &str) -> bool {
    let begins = |at: usize| part.as_bytes().get(at).is_some_and(u8::is_ascii_uppercase);
    let goes_on = |at: usize| part.as_bytes().get(at).is_some_and(u8::is_ascii_lowercase);
    let starts = (1..part.len()).filter(|at| begins(*at) && (goes_on(at - 1) || goes_on(at + 1)));
    let words: Vec<usize> = starts.chain([part.len()]).collect();
    let is_word = |word: &str| {
        let is_short = word.len() < 3 && !word.bytes().any(|letter| b"aeiouy".contains(&letter));
        !is_short || word.len() > 1 && word.bytes().all(|letter| letter.is_ascii_uppercase())
    };
    words.windows(2).any(|ends| match ends {
        [from, to] => !part.get(*from..*to).is_some_and(is_word),
        _ => false,
    })
}

/// What a person wrote of a class name such as `Story_body__x1Y2z`, which a build tool completed.
fn module_prefix(class: &str) -> Option<String> {
    let (written, made) = class.rsplit_once("__").or_else(|| class.rsplit_once('-'))?;
    let hash = (4..=10).contains(&made.len()) && made.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let cut = class.get(..class.len().checked_sub(made.len())?)?;
    let is_written = is_given(written) && !is_of_tool(class) && written.len() > NAME_CHARS_MIN + 2;
    (hash && is_written).then(|| cut.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_names_that_a_tool_completed_the_written_part_serves_unless_it_is_the_tools() {
        assert_eq!(module_prefix("Story_body__x1Y2z").as_deref(), Some("Story_body__"));
        assert_eq!(module_prefix("chakra-stack"), None);
        assert_eq!(module_prefix("emotion-1x2y3z"), None);
    }

    #[test]
    fn names_of_people_and_of_machines_are_told_apart() {
        for name in [
            "story-text",
            "articleBody",
            "related_box",
            "mw-content-text",
            "nav2",
            "text-block-story",
            "ad-top",
            "island",
            "newsTV",
            "pLogo",
            "subNav",
        ] {
            assert!(is_given(name), "{name}");
        }
        for name in [
            "css-1x2y3z",
            "sc-bdVaJa",
            "post-48213",
            "a8f3e21c",
            "jsx-291",
            "Fxtkqzw",
            "md:flex",
            "x_1a2b3c4d",
            "mt-4",
            "uZlpYYmAJIuh",
            "flex-wrap",
            "col-span-full",
            "font-montserrat",
            "cursor-pointer",
            "justify-content-between",
            "relative",
            "rounded-bl-lg",
            "bg-brand-50",
            "text-2xl",
            "radix-dialog",
            "mt16",
            "flex--item",
            "fd-column",
            "wt-order-xs-2",
            "is-active",
            "has-text-align-center",
            "size-large",
            "lrv-u-border-b-1",
            "lrv-a-grid",
            "JuyWl",
            "nXGto",
            "hY_wX",
            "outline-none",
            "ps-0",
            "leading-tight",
            "border-transparent",
            "text-tertiary",
        ] {
            assert!(!is_given(name), "{name}");
        }
    }

    #[test]
    fn of_a_completed_name_the_part_that_a_person_wrote_is_taken() {
        assert_eq!(module_prefix("Story_body__x1Y2z").as_deref(), Some("Story_body__"));
        assert_eq!(module_prefix("post-48213"), None);
    }
}
