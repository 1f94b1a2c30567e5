//! The rule files that are part of the program.

use std::sync::{Arc, LazyLock};

use crate::rules::file::RuleFile;
use crate::toml_file::SourceFile;

/// Names and texts of the files, listed at build time.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped_rules.rs"));

static SHIPPED: LazyLock<Vec<Arc<RuleFile>>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|(name, text)| RuleFile::parse(&SourceFile::new(*name, *text)).0)
        .map(Arc::new)
        .collect()
});

/// Every shipped rule file, read once.
pub fn shipped() -> &'static [Arc<RuleFile>] {
    &SHIPPED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleSet;

    #[test]
    fn every_shipped_file_is_without_fault() {
        for (name, text) in FILES {
            let (_, faults) = RuleFile::parse(&SourceFile::new(*name, *text));
            assert!(
                faults.is_empty(),
                "{name}: {}",
                faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            );
        }
        let (_, faults) = RuleSet::assemble(shipped(), &[]);
        assert!(faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn a_shipped_file_is_named_after_its_site() {
        for file in shipped() {
            assert!(
                file.name.ends_with(&format!("{}.toml", file.layer_name())) || file.layer_name().is_empty(),
                "{}",
                file.name
            );
        }
    }
}
