//! Named fields as WARC and HTTP write them: a line each, folded ones included.

use std::borrow::Cow;

use super::FIELD_BYTES_MAX;

/// The fields of a head in their order.
#[derive(Debug, Default)]
pub(super) struct Fields<'a>(Vec<(&'a [u8], Cow<'a, [u8]>)>);

impl<'a> Fields<'a> {
    /// Reads the lines of a head. Lines that are no fields are passed over.
    pub(super) fn parse(head: &'a [u8]) -> Self {
        let mut fields: Vec<(&[u8], Cow<'_, [u8]>)> = Vec::new();
        for line in head.split(|byte| *byte == b'\n') {
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                unfold(&mut fields, line);
            } else if let Some((name, value)) = field(line) {
                fields.push((name, Cow::Borrowed(value)));
            }
        }
        Self(fields)
    }

    /// The bytes of all fields of this name, in whatever case.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let named = move |field: &&(&[u8], Cow<'_, [u8]>)| field.0.eq_ignore_ascii_case(name.as_bytes());
        self.0.iter().filter(named).map(|(_, value)| &**value)
    }

    /// The first field of this name that says anything. What is not UTF-8 in it is replaced.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.all(name).map(<[u8]>::trim_ascii).find(|value| !value.is_empty())?;
        let value = value.get(..FIELD_BYTES_MAX).unwrap_or(value);
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

/// Adds a line to the last field, if there is one.
fn unfold(fields: &mut [(&[u8], Cow<'_, [u8]>)], line: &[u8]) {
    if let Some((_, value)) = fields.last_mut() {
        let value = value.to_mut();
        value.push(b' ');
        value.extend_from_slice(line.trim_ascii());
    }
}

/// The name and the value of a line such as `Name: value`.
pub(super) fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr::memchr(b':', line)?;
    let (name, value) = line.split_at_checked(colon)?;
    let name = name.trim_ascii_end();
    let token = |byte: &u8| byte.is_ascii_graphic() && !b"()<>@,;\\\"/[]?={}".contains(byte);
    let sound = !name.is_empty() && name.iter().all(token);
    sound.then(|| (name, value.get(1..).unwrap_or_default().trim_ascii()))
}

/// Length of a head with the blank line that ends it; `None` if there is none. Lines end with LF, with or without CR.
pub(super) fn head_length(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes).find_map(|at| {
        let after = bytes.get(at + 1..)?;
        if after.starts_with(b"\n") {
            Some(at + 2)
        } else {
            after.starts_with(b"\r\n").then_some(at + 3)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_in_any_case_folded_and_with_any_line_end() {
        let fields =
            Fields::parse(b"WARC/1.0\r\nOne:1\nTWO : a\r\n\tb \r\n  c\r\nno field\n: x\nTwo:later\nEmpty:\n\n");
        assert_eq!(fields.text("one").as_deref(), Some("1"));
        assert_eq!(fields.text("Two").as_deref(), Some("a b c"));
        assert_eq!(fields.all("two").count(), 2);
        assert_eq!((fields.text("empty"), fields.text("three")), (None, None));
    }

    #[test]
    fn a_head_ends_with_a_blank_line_of_any_kind() {
        assert_eq!(head_length(b"a\r\nb\r\n\r\nrest"), Some(8));
        assert_eq!(head_length(b"a\n\nrest"), Some(3));
        assert_eq!(head_length(b"a\n\r\nrest"), Some(4));
        assert_eq!(head_length(b"a\r\nb\r\n"), None);
    }
}
