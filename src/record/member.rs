//! One field of a JSON object as it was written, so that what is passed on stays byte for byte what came.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Most fields of one object. Each takes several times the room of the shortest one in a line.
pub const MEMBERS_MAX: usize = 10_000;

/// A name and a value, both as JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

/// Why a text is no JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoObject {
    /// Where it ceases to be one: bytes, from 1; 0 where that is not known.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for NoObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not one JSON object: {} (byte {})", self.message, self.column)
    }
}

impl std::error::Error for NoObject {}

impl Member<'_> {
    /// A field of our own.
    pub fn of(name: &str, value: &impl Serialize) -> Self {
        Self {
            name: Cow::Owned(json_text(name)),
            value: Cow::Owned(json_text(value)),
        }
    }

    /// The same field, borrowed.
    pub(super) fn reborrow(&self) -> Member<'_> {
        Member {
            name: Cow::Borrowed(&self.name),
            value: Cow::Borrowed(&self.value),
        }
    }

    /// Whether this is its name.
    pub fn is_named(&self, name: &str) -> bool {
        let quoted = self.name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match quoted {
            Some(plain) if !plain.contains('\\') => plain == name,
            _ => serde_json::from_str::<String>(&self.name).is_ok_and(|own| own == name),
        }
    }

    /// Its name as JSON text, in quotes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value as JSON text.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether its value is `null`.
    pub fn is_null(&self) -> bool {
        self.value == "null"
    }

    /// Its value, if that is a string. Half a surrogate pair, which is no character, becomes U+FFFD.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        if let Ok(text) = serde_json::from_str::<Text<'_>>(&self.value) {
            return Some(text.0);
        }
        let bytes = serde_json::from_str::<Lenient>(&self.value).ok()?.0;
        Some(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// Anything that we make ourselves as JSON text.
pub(super) fn json_text(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("what we make has strings for names, and no number that JSON lacks")
}

/// The fields of a JSON object in their order, up to where it ceases to be one, and if so, why.
pub fn members(text: &str) -> (Vec<Member<'_>>, Option<NoObject>) {
    let mut members = Vec::new();
    let mut source = serde_json::Deserializer::from_str(text);
    let read = Gather(&mut members)
        .deserialize(&mut source)
        .and_then(|()| source.end());
    let fault = read.err().map(|error| {
        let message = error.to_string();
        NoObject {
            column: error.column(),
            message: message.split(" at line ").next().unwrap_or_default().to_owned(),
        }
    });
    (members, fault)
}

/// Gathers fields one by one, so that those before a fault are known.
struct Gather<'m, 'a>(&'m mut Vec<Member<'a>>);

impl<'a> DeserializeSeed<'a> for Gather<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Gather<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some((name, value)) = map.next_entry::<&'a RawValue, &'a RawValue>()? {
            if self.0.len() == MEMBERS_MAX {
                return Err(de::Error::custom(format_args!("more than {MEMBERS_MAX} fields")));
            }
            self.0.push(Member {
                name: Cow::Borrowed(name.get()),
                value: Cow::Borrowed(value.get()),
            });
        }
        Ok(())
    }
}

/// A string that is borrowed where it holds no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The bytes of a string, whatever its escapes stand for.
struct Lenient(Vec<u8>);

impl<'de> de::Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Lenient;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Lenient, E> {
                Ok(Lenient(bytes.to_vec()))
            }
        }
        source.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let pairs = members(text).0.into_iter();
        pairs
            .map(|member| (member.name.into_owned(), member.value.into_owned()))
            .collect()
    }

    #[test]
    fn values_are_what_was_written() {
        let text = r#" { "a" : 1.50e+400 , "b\u0041":[ 1,  2 ],"c":"\u00e9\/" } "#;
        let expected = [
            ("\"a\"", "1.50e+400"),
            ("\"b\\u0041\"", "[ 1,  2 ]"),
            ("\"c\"", "\"\\u00e9\\/\""),
        ];
        let found = values(text);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(found, expected);
        assert!(members(text).0[1].is_named("bA"));
    }

    #[test]
    fn fields_before_a_fault_are_known() {
        let (found, fault) = members(r#"{"id": 7, "html": "abc"#);
        assert_eq!(found, [Member::of("id", &7)]);
        assert!(
            fault
                .unwrap()
                .to_string()
                .starts_with("not one JSON object: EOF while parsing")
        );
        assert!(members("[1]").1.is_some() && members("").1.is_some() && members("{} {}").1.is_some());
        assert!(members(r#"{"a":1,"a":2}"#).1.is_none());
    }

    #[test]
    fn an_object_has_only_so_many_fields() {
        let fields = vec!["\"a\":1"; MEMBERS_MAX + 1].join(",");
        let text = format!("{{{fields}}}");
        let (found, fault) = members(&text);
        assert_eq!(
            (found.len(), fault.unwrap().message.as_str()),
            (MEMBERS_MAX, "more than 10000 fields")
        );
    }

    #[test]
    fn strings_are_read_whatever_their_escapes() {
        let text = |value: &str| members(&format!("{{\"a\":{value}}}")).0[0].text().map(Cow::into_owned);
        assert_eq!(text(r#""a\n\"b\" \u00e9\ud83d\ude00""#).unwrap(), "a\n\"b\" é😀");
        assert!(text(r#""half \ud83d of one""#).unwrap().starts_with("half \u{fffd}"));
        assert_eq!((text("7"), text("null"), text("{}")), (None, None, None));
    }
}
