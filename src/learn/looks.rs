//! Names of how elements look, or of what state they are in: style frameworks put them on anything.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Names that tell about looks or plumbing, not about content. They serve only where nothing better does.
static PLAIN_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "active aligncenter alignfull alignleft alignnone alignright alignwide antialiased block body bold bottom box \
    btn button capitalize card center clearfix col collapse collapsed column container content current dark \
    default dflex even fade false field first flex full grid group heading hidden hide high highlight icon image \
    img inner input italic item items label large last left light line link list listitem low lowercase medium \
    next odd open outer page panel paragraph peer presentation primary region required right root row secondary \
    selected show single small table text title top undefined underline uppercase visible white widget wrap \
    wrapper",
    )
});

/// Beginnings of names that say how an element looks, as style frameworks define them.
static LOOKS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "absolute ai align bg border bottom break center clear col cursor d dark decoration duration ease fc fd fill \
    fixed flex float font fs fw gap grid grow h inline inset items jc justify leading left lg lh line m max mb md \
    me min ml mr ms mt mx my no object offset opacity order outline overflow p pb pe pl pr ps pt px py relative \
    right ring rounded row self shadow shrink size sm space sr sticky stroke ta text top tracking transition \
    truncate u va w whitespace xl xs z",
    )
});

/// What stands behind such a beginning: a measure, a place, or nothing.
static MEASURES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "auto base between bl black block bold bottom br center clamp col column content cover end fit full hidden \
    inline item items large left lg light md medium muted none only pointer primary reverse right row screen \
    secondary semibold sm small span start stretch tertiary tl top tr transparent white words wrap x xl xs y",
    )
});

/// Beginnings behind which any name is one of looks or of a state: a typeface may be called anything.
const LOOKS_OF_ANY_NAME: &[&str] = &["bg", "border", "font", "has", "is", "leading", "tracking"];

/// What style frameworks put before names of looks.
const LOOK_NAMESPACES: &[&str] = &["tw", "wt"];

/// What stands before the name of a utility by a convention of several frameworks, alone or behind a namespace: `u-flex`,
/// `lrv-u-flex`.
const UTILITY: &str = "u";

/// Most letters of a look that a measure stands right behind, as in `mt16`.
const SHORT_LOOK_CHARS_MAX: usize = 2;

fn words(list: &'static str) -> HashSet<&'static str> {
    list.split_ascii_whitespace().collect()
}

/// Whether a name tells about looks or plumbing by itself.
pub(super) fn is_plain(name: &str) -> bool {
    PLAIN_NAMES.contains(name.to_ascii_lowercase().as_str())
}

/// Whether a name is one of a style framework, such as `mt-4`, `mt16`, `flex-wrap` or `lrv-u-flex`: it may mean anything.
pub(super) fn is_look(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    let is_utility = parts.iter().take(2).any(|part| *part == UTILITY);
    is_utility || are_look(&parts) || in_namespace(&parts).is_some_and(are_look)
}

/// What stands behind a namespace of looks: one that is known, or any with a letter for the kind of name behind it.
fn in_namespace<'a>(parts: &'a [&'a str]) -> Option<&'a [&'a str]> {
    match parts {
        [first, rest @ ..] if LOOK_NAMESPACES.contains(first) => Some(rest),
        [_, kind, rest @ ..] if kind.len() == 1 => Some(rest),
        _ => None,
    }
}

fn are_look(parts: &[&str]) -> bool {
    let Some((first, rest)) = parts.split_first() else {
        return false;
    };
    let any_name = !rest.is_empty() && LOOKS_OF_ANY_NAME.contains(first);
    let is_measured = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
    let is_measure = |part: &&str| is_measured(part) || MEASURES.contains(*part) || LOOKS.contains(*part);
    any_name || begins_as_look(first) && (rest.iter().all(is_measure) || rest.iter().any(is_measured))
}

fn begins_as_look(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    LOOKS.contains(part) || letters.len() <= SHORT_LOOK_CHARS_MAX && LOOKS.contains(letters)
}
