//! Where in a record a field stands: at its top, or inside an object at its top.

use std::fmt;
use std::str::FromStr;

use super::member::{Member, members};

/// The name of a field, and of the object that it stands in, if it stands in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The object at the top of the record that it stands in.
    pub(super) within: Option<String>,
    /// Its name there.
    pub(super) name: String,
}

/// A text that names no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPlace;

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write the name of a field, such as `html`, or of one in an object, such as `/metadata/url`")
    }
}

impl std::error::Error for NoPlace {}

impl FromStr for Place {
    type Err = NoPlace;

    /// A name as it is, or, where it begins with a slash, a JSON Pointer (RFC 6901) of one or two names.
    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let plain = |name: &str| name.replace("~1", "/").replace("~0", "~");
        let (within, name) = match text.strip_prefix('/') {
            None => (None, text.to_owned()),
            Some(pointer) => match pointer.split_once('/') {
                None => (None, plain(pointer)),
                Some((_, name)) if name.contains('/') => return Err(NoPlace),
                Some((within, name)) => (Some(plain(within)), plain(name)),
            },
        };
        if name.is_empty() || within.as_ref().is_some_and(String::is_empty) {
            return Err(NoPlace);
        }
        Ok(Self { within, name })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.within {
            None => f.write_str(&self.name),
            Some(within) => write!(f, "/{within}/{}", self.name),
        }
    }
}

impl Place {
    /// A field at the top of a record.
    pub fn top(name: &str) -> Self {
        Self {
            within: None,
            name: name.to_owned(),
        }
    }

    /// Whether two parts of a record can't stand here and there.
    pub(super) fn is_in_the_way_of(&self, other: &Self) -> bool {
        let holds = |outer: &Self, inner: &Self| outer.within.is_none() && inner.within.as_ref() == Some(&outer.name);
        self == other || holds(self, other) || holds(other, self)
    }

    /// What stands here. Of several fields of one name it is the last, as for most readers of JSON.
    pub fn find<'a>(&self, record: &'a [Member<'_>]) -> Option<Member<'a>> {
        match &self.within {
            None => last(record, &self.name).map(|member| member.reborrow()),
            Some(within) => {
                let object = last(record, within)?.value();
                let (inside, _) = members(object);
                inside.into_iter().rfind(|member| member.is_named(&self.name))
            }
        }
    }
}

/// The last field of a name.
pub(super) fn last<'r, 'a>(record: &'r [Member<'a>], name: &str) -> Option<&'r Member<'a>> {
    record.iter().rfind(|member| member.is_named(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        text.parse().unwrap()
    }

    #[test]
    fn a_place_is_a_name_or_a_pointer_of_two() {
        let record = r#"{"a/b": 1, "m": {"url": 2, "~": 3}, "m.url": 4, "a": 5, "a": 6}"#;
        let (record, _) = members(record);
        let found = |text: &str| place(text).find(&record).map(|member| member.value().to_owned());
        assert_eq!(found("a/b").as_deref(), Some("1"));
        assert_eq!(found("/a~1b").as_deref(), Some("1"));
        assert_eq!(found("/m/url").as_deref(), Some("2"));
        assert_eq!(found("/m/~0").as_deref(), Some("3"));
        assert_eq!(found("m.url").as_deref(), Some("4"));
        assert_eq!(found("a").as_deref(), Some("6"));
        assert_eq!((found("/a/x"), found("/z/x"), found("x")), (None, None, None));
        assert_eq!(
            (place("/m/url").to_string(), place("/m").to_string()),
            ("/m/url".to_owned(), "m".to_owned())
        );
    }

    #[test]
    fn what_names_no_place_is_refused() {
        assert!(
            ["", "/", "/a/", "//a", "/a/b/c"]
                .iter()
                .all(|text| text.parse::<Place>().is_err())
        );
    }
}
