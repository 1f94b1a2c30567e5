//! Takes an HTTP response apart as it was sent: status, fields, body. Whatever is missing is missing.

use super::HTTP_HEAD_BYTES_MAX;
use super::fields::{Fields, field, head_length};

/// Most heads before the last one: interim responses, and those of proxies.
const HEADS_MAX: usize = 5;

/// Fields of which one at least stands in a head that has lost its status line. Lines with a colon begin many texts.
const USUAL_FIELDS: &[&str] = &[
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "server",
    "set-cookie",
    "transfer-encoding",
    "vary",
    "x-powered-by",
];

/// A response.
#[derive(Debug)]
pub(super) struct Response<'a> {
    /// Its status, such as 200.
    pub(super) status: Option<u16>,
    /// The fields of its head.
    pub(super) fields: Fields<'a>,
    /// What follows the head, as it was sent.
    pub(super) body: &'a [u8],
}

/// Whether bytes begin with the status line of a response.
pub(super) fn begins_with_status(block: &[u8]) -> bool {
    block.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"HTTP/"))
}

/// Takes a response apart. What does not begin like one is all body.
pub(super) fn parse(block: &[u8]) -> Response<'_> {
    let mut response = one(block);
    for _ in 1..HEADS_MAX {
        let interim = response.status.is_some_and(|status| (100..200).contains(&status));
        let proxied = response.status == Some(200) && response.fields.text("Content-Type").is_none();
        if !begins_with_status(response.body) || !(interim || proxied) {
            break;
        }
        response = one(response.body);
    }
    response
}

fn one(block: &[u8]) -> Response<'_> {
    let with_status = begins_with_status(block);
    if !with_status && !begins_with_fields(block) {
        return Response {
            status: None,
            fields: Fields::default(),
            body: block,
        };
    }
    let searched = block.get(..HTTP_HEAD_BYTES_MAX).unwrap_or(block);
    let length = [head_length(searched), mark_up(searched)].into_iter().flatten().min();
    let (head, body) = block
        .split_at_checked(length.unwrap_or(searched.len()))
        .unwrap_or((block, &[]));
    Response {
        status: status(head).filter(|_| with_status),
        fields: Fields::parse(head),
        body,
    }
}

/// Where a line begins with mark-up: the blank line that should stand before it is missing.
fn mark_up(head: &[u8]) -> Option<usize> {
    memchr::memmem::find(head, b"\n<").map(|at| at + 1)
}

/// The number behind the version in a status line.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let number = std::str::from_utf8(words.nth(1)?).ok()?;
    number.parse().ok().filter(|status| (100..1000).contains(status))
}

/// Whether a block begins with the fields of a response: nothing but fields up to a blank line, a usual one among them.
fn begins_with_fields(block: &[u8]) -> bool {
    let searched = block.get(..HTTP_HEAD_BYTES_MAX).unwrap_or(block);
    let Some(head) = head_length(searched).and_then(|length| searched.get(..length)) else {
        return false;
    };
    let lines = head.trim_ascii_end().split(|byte| *byte == b'\n');
    let mut usual = false;
    for line in lines {
        match field(line) {
            Some((name, _)) => {
                usual |= USUAL_FIELDS
                    .iter()
                    .any(|usual| name.eq_ignore_ascii_case(usual.as_bytes()));
            }
            None if line.starts_with(b" ") || line.starts_with(b"\t") => {}
            None => return false,
        }
    }
    usual
}

/// The charset that a `Content-Type` names.
pub(super) fn charset(content_type: &str) -> Option<String> {
    let parameters = content_type.split(';').skip(1);
    let named = parameters.filter_map(|parameter| parameter.split_once('='));
    let (_, label) = named
        .into_iter()
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    let label = label.trim().trim_matches(['"', '\'']).trim();
    (!label.is_empty()).then(|| label.to_owned())
}

/// The type that a `Content-Type` names, without parameters, in lower case.
pub(super) fn media_type(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(block: &str) -> (Option<u16>, Option<String>, String) {
        let response = parse(block.as_bytes());
        let body = String::from_utf8(response.body.to_vec()).unwrap();
        (response.status, response.fields.text("content-type"), body)
    }

    #[test]
    fn responses_are_taken_apart_whatever_their_line_ends() {
        let expected = (Some(200), Some("text/html".to_owned()), "<p>x\r\n\r\n".to_owned());
        assert_eq!(
            parts("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x\r\n\r\n"),
            expected
        );
        assert_eq!(
            parts("HTTP/1.0  200\nContent-Type:\n text/html\n\n<p>x\r\n\r\n"),
            expected
        );
        assert_eq!(
            parts("http/1.1 200 OK\r\ncontent-type: text/html\r\n<p>x\r\n\r\n"),
            expected
        );
    }

    #[test]
    fn a_missing_status_line_is_no_matter() {
        assert_eq!(
            parts("Server: x\r\nContent-Type: text/html\r\n\r\n<p>x"),
            (None, Some("text/html".to_owned()), "<p>x".to_owned())
        );
        for body in [
            "<p>Date: today\n\nx",
            "Recipe: cake\n\nTake: flour",
            "Date: today\nand so on\n\nx",
            "",
        ] {
            assert_eq!(parts(body), (None, None, body.to_owned()));
        }
    }

    #[test]
    fn interim_responses_are_passed_over() {
        let block = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\nHTTP/1.1 is a protocol";
        assert_eq!(parts(block), (Some(404), None, "HTTP/1.1 is a protocol".to_owned()));
        assert_eq!(parts("HTTP/1.1 wrong\r\n\r\nx"), (None, None, "x".to_owned()));
        assert_eq!(parts("HTTP/1.1 204 No Content"), (Some(204), None, String::new()));
    }

    #[test]
    fn charsets_are_read_with_and_without_quotes() {
        assert_eq!(charset("text/html; Charset=\"utf-8\" ; x=y").as_deref(), Some("utf-8"));
        assert_eq!(charset("text/html;charset = koi8-r").as_deref(), Some("koi8-r"));
        assert_eq!((charset("text/html"), charset("text/html; charset=")), (None, None));
        assert_eq!(media_type(" Text/HTML ; charset=x"), "text/html");
    }
}
