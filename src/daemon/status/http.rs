//! As much of HTTP/1.1 as it takes for `curl` and monitors to ask: one request without a body, one answer, and the end
//! of the connection.

/// Largest request, in bytes.
pub(super) const REQUEST_BYTES_MAX: usize = 8 * 1024;

/// The end of a request's head.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// The report as JSON.
    Status,
    /// The numbers for monitors.
    Metrics,
}

/// Why a request can't be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no request of HTTP/1.
    Malformed,
    /// It asks for something else.
    Unknown,
    /// It wants to do more than to ask.
    Method,
    /// It is too long.
    TooLong,
    /// The answer could not be made.
    Broken,
}

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    /// What is asked for.
    pub(super) wish: Wish,
    /// Whether only the answer's head is wanted.
    pub(super) head_only: bool,
}

/// Whether a request's head is complete.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    bytes.windows(HEAD_END.len()).any(|window| window == HEAD_END)
}

/// Reads the first line of a request; the other ones don't matter here.
pub(super) fn parse(bytes: &[u8]) -> Result<Request, Refusal> {
    let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else {
        return Err(Refusal::Malformed);
    };
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refusal::Malformed);
    };
    if !version.starts_with("HTTP/1.") || !is_complete(bytes) {
        return Err(Refusal::Malformed);
    }
    let head_only = match method {
        "GET" => false,
        "HEAD" => true,
        _ => return Err(Refusal::Method),
    };
    let wish = match target.split('?').next() {
        Some("/status") => Wish::Status,
        Some("/metrics") => Wish::Metrics,
        _ => return Err(Refusal::Unknown),
    };
    Ok(Request { wish, head_only })
}

/// The answer with a body.
pub(super) fn answer(media_type: &str, body: &str, head_only: bool) -> Vec<u8> {
    respond("200 OK", media_type, body, head_only)
}

/// The answer to a request that can't be answered.
pub(super) fn refuse(refusal: Refusal) -> Vec<u8> {
    let (status, text) = match refusal {
        Refusal::Malformed => ("400 Bad Request", "this is no HTTP request\n"),
        Refusal::Unknown => ("404 Not Found", "there are /status and /metrics\n"),
        Refusal::Method => ("405 Method Not Allowed\r\nAllow: GET, HEAD", "only GET and HEAD\n"),
        Refusal::TooLong => ("431 Request Header Fields Too Large", "the request is too long\n"),
        Refusal::Broken => ("500 Internal Server Error", "the answer could not be made\n"),
    };
    respond(status, "text/plain; charset=utf-8", text, false)
}

fn respond(status: &str, media_type: &str, body: &str, head_only: bool) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    );
    let body = if head_only { "" } else { body };
    [head.as_bytes(), body.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_and_others_refused() {
        let whole = |line: &str| parse(format!("{line}\r\nHost: x\r\n\r\n").as_bytes());
        let wished = |line: &str| whole(line).map(|request| (request.wish, request.head_only));
        assert_eq!(wished("GET /metrics HTTP/1.1"), Ok((Wish::Metrics, false)));
        assert_eq!(wished("HEAD /status?x=1 HTTP/1.0"), Ok((Wish::Status, true)));
        assert_eq!(wished("GET / HTTP/1.1"), Err(Refusal::Unknown));
        assert_eq!(wished("POST /metrics HTTP/1.1"), Err(Refusal::Method));
        assert_eq!(wished("GET /metrics"), Err(Refusal::Malformed));
        assert_eq!(wished("GET  /metrics HTTP/1.1"), Err(Refusal::Malformed));
        assert_eq!(wished("GET /metrics HTTP/2"), Err(Refusal::Malformed));
        assert_eq!(parse(b"GET /metrics HTTP/1.1\r\n"), Err(Refusal::Malformed));
        assert_eq!(parse(b"\xff\x00 a b\r\n\r\n"), Err(Refusal::Malformed));
        assert_eq!(parse(b""), Err(Refusal::Malformed));
    }

    #[test]
    fn a_head_has_the_length_of_the_body_that_it_leaves_out() {
        let full = String::from_utf8(answer("text/plain", "äb", false)).unwrap();
        let head = String::from_utf8(answer("text/plain", "äb", true)).unwrap();
        assert!(full.ends_with("\r\n\r\näb") && head.ends_with("\r\n\r\n"));
        assert!(full.contains("Content-Length: 3\r\n") && head.contains("Content-Length: 3\r\n"));
    }
}
