//! The address that a page gives as its own, and the host in it.

use scraper::{Node, node::Element};
use url::Url;

use crate::page::dom::Dom;
use crate::page::elements::attribute;

/// Bytes at the beginning of a comment by which browsers mark a saved page.
const SAVED_FROM: &str = "saved from url=";

/// Longest address that is believed, in bytes.
const ADDRESS_BYTES_MAX: usize = 2_000;

/// The places in a page where its own address may stand.
#[derive(Debug, Default)]
pub(super) struct Addresses<'a> {
    canonical: Option<&'a str>,
    open_graph: Option<&'a str>,
    base: Option<&'a str>,
    saved_from: Option<&'a str>,
}

impl<'a> Addresses<'a> {
    /// Takes what a comment says; the first of each kind counts, here and below.
    pub(super) fn take_comment(&mut self, comment: &'a str) {
        if self.saved_from.is_none() {
            self.saved_from = saved_from(comment);
        }
    }

    /// Takes what a `link`, `meta` or `base` element says.
    pub(super) fn take_element(&mut self, element: &'a Element) {
        match element.name() {
            "link" if self.canonical.is_none() && is_canonical(element) => {
                self.canonical = attribute(element, "href");
            }
            "meta" if self.open_graph.is_none() && is_open_graph(element) => {
                self.open_graph = attribute(element, "content");
            }
            "base" if self.base.is_none() => self.base = attribute(element, "href"),
            _ => {}
        }
    }

    /// The page's address and the name of the place where it stood.
    pub(super) fn canonical(&self) -> Option<(Url, &'static str)> {
        let base = self.base.and_then(absolute);
        let places = [
            (self.canonical, "link rel=canonical"),
            (self.open_graph, "og:url"),
            (self.base, "base href"),
            (self.saved_from, "saved-from comment"),
        ];
        places
            .into_iter()
            .find_map(|(address, place)| Some((resolve(address?, base.as_ref())?, place)))
    }
}

/// The page's own address, absolute, and where it stood: the first of `link rel=canonical`, `og:url`, an absolute
/// `base href` and the comment that browsers leave in a page they save.
pub fn canonical_url(dom: &Dom) -> Option<(String, &'static str)> {
    let mut addresses = Addresses::default();
    for node in dom.html().tree.values() {
        match node {
            Node::Comment(comment) => addresses.take_comment(comment),
            Node::Element(element) => addresses.take_element(element),
            _ => {}
        }
    }
    addresses.canonical().map(|(url, place)| (url.into(), place))
}

/// The host of an absolute http(s) address in lower case, without a leading `www.`.
pub fn hostname(url: &str) -> Option<String> {
    host_of(&absolute(url)?)
}

/// The host of an address, without a leading `www.`.
pub(super) fn host_of(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.');
    Some(host.strip_prefix("www.").unwrap_or(host).to_lowercase()).filter(|host| !host.is_empty())
}

/// An address as an absolute one, by way of the base where it is relative.
pub(super) fn resolve(address: &str, base: Option<&Url>) -> Option<Url> {
    absolute(address).or_else(|| base?.join(address.trim()).ok().filter(is_web))
}

fn absolute(address: &str) -> Option<Url> {
    let address = address.trim();
    if address.is_empty() || address.len() > ADDRESS_BYTES_MAX {
        return None;
    }
    Url::parse(address).ok().filter(is_web)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.as_str().len() <= ADDRESS_BYTES_MAX
}

fn is_canonical(element: &Element) -> bool {
    attribute(element, "rel").is_some_and(|rel| {
        rel.split_whitespace()
            .any(|word| word.eq_ignore_ascii_case("canonical"))
    })
}

fn is_open_graph(element: &Element) -> bool {
    let name = attribute(element, "property").or_else(|| attribute(element, "name"));
    name.is_some_and(|name| name.trim().eq_ignore_ascii_case("og:url"))
}

/// The address in a comment such as `saved from url=(0029)https://example.org/`.
fn saved_from(comment: &str) -> Option<&str> {
    let after = comment.trim().strip_prefix(SAVED_FROM)?;
    after.split_once(')').map(|(_, address)| address.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn canonical(html: &str) -> Option<(String, &'static str)> {
        canonical_url(&Dom::parse(html, &Limits::default()).unwrap())
    }

    #[test]
    fn the_places_of_an_address_have_an_order() {
        let saved = "<!-- saved from url=(0022)https://example.org/d -->";
        let base = "<base href='https://example.org/c/'>";
        let graph = "<meta property='og:url' content='https://example.org/b'>";
        let link = "<link rel='shortlink CANONICAL' href=' https://example.org/a '>";
        let all = canonical(&format!("{saved}{base}{graph}{link}")).unwrap();
        assert_eq!(all, ("https://example.org/a".to_owned(), "link rel=canonical"));
        assert_eq!(canonical(&format!("{saved}{base}{graph}")).unwrap().1, "og:url");
        assert_eq!(canonical(&format!("{saved}{base}")).unwrap().1, "base href");
        assert_eq!(
            canonical(saved).unwrap(),
            ("https://example.org/d".to_owned(), "saved-from comment")
        );
        assert_eq!(canonical("<p>x"), None);
    }

    #[test]
    fn a_relative_address_needs_an_absolute_base() {
        assert_eq!(canonical("<link rel=canonical href='/a'>"), None);
        assert_eq!(canonical("<base href='/x'><link rel=canonical href='/a'>"), None);
        let resolved = canonical("<base href='https://example.org/x'><link rel=canonical href='/a'>").unwrap();
        assert_eq!(resolved.0, "https://example.org/a");
    }

    #[test]
    fn hosts_are_lower_case_without_www() {
        assert_eq!(
            hostname("https://WWW.Example.ORG:8080/x").as_deref(),
            Some("example.org")
        );
        assert_eq!(
            hostname("http://news.example.org.").as_deref(),
            Some("news.example.org")
        );
        assert_eq!(hostname("ftp://example.org/"), None);
        assert_eq!(hostname("example.org"), None);
        assert_eq!(hostname("about:internet"), None);
    }
}
