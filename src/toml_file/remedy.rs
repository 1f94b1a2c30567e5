//! What a person most likely meant by a name that is not known.

/// The nearest of the known names, or all of them.
pub(super) fn remedy(found: &str, known: &[&str]) -> String {
    let all = || {
        let mut names: Vec<&str> = known.to_vec();
        names.sort_unstable();
        names.dedup();
        format!("what may stand here: {}", names.join(", "))
    };
    near(found, known).unwrap_or_else(|| {
        if known.is_empty() {
            "take it out".to_owned()
        } else {
            all()
        }
    })
}

/// The nearest of the known names, if one is near enough to be meant.
pub(super) fn near(found: &str, known: &[&str]) -> Option<String> {
    let distances = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(found, name), *name));
    let (_, name) = distances
        .filter(|(distance, name)| *distance <= name.chars().count().div_ceil(3))
        .min()?;
    Some(format!("did you mean `{name}`?"))
}
