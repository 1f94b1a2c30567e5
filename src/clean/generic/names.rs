//! What the words of classes, ids and the like say an element is for.

use std::sync::LazyLock;

use html5ever::{LocalName, local_name};
use rustc_hash::FxHashMap;
use scraper::node::Element;

use crate::clean::generic::model::Model;
use crate::clean::generic::roles::{Role, RoleSet};
use crate::page::elements::known_attribute;

/// The words that stand for each role.
#[rustfmt::skip]
const WORDS: &[(Role, &str)] = &[
    (Role::Nav, "globalnav leftnav localnav mainnav nav navbar navi navigation navmenu sidenav sitenav subnav \
        topnav"),
    (Role::Menu, "accountmenu drawer dropdown flyout hamburger megamenu menu menubar mobilemenu offcanvas submenu"),
    (Role::Breadcrumb, "ariane breadcrumb breadcrumbs crumb crumbs pathway"),
    (Role::Footer, "colophon copyright fineprint foot footer footnav impressum legal prefooter sitefooter subfooter"),
    (Role::Header, "banner head header masthead pageheader siteheader toolbar topbar"),
    (Role::Aside, "aside leftcol lhs rail rhs rightcol rightrail secondary sidebar sidebars sidecol"),
    (Role::Widget, "block gadget module widget widgets"),
    (Role::Related, "alsoread crosssell mostpopular mostread popular \
        readmore recirc recirculation recommend recommendation recommendations recommended \
        related relateds seealso trending upsell upsells \
        yarpp"),
    (Role::Carousel, "carousel gallery lightbox owl slick slider slideshow splide swiper thumbnail thumbnails thumbs"),
    (Role::Ad, "ad ads adsense adslot advert advertisement advertising adverts affiliate dfp disclosure \
        outbrain promoted sponsor sponsored sponsors taboola"),
    (Role::Promo, "app callout campaign cta download offer \
        promo promos promotion promotions \
        trial upgrade"),
    (Role::Modal, "dialog fancybox modal modals overlay popover popup popups toast tooltip"),
    (Role::Cookie, "ccpa cmp consent cookie cookiebot cookies gdpr onetrust"),
    (Role::Share, "addthis share sharebar \
        sharedaddy sharer sharing social socials"),
    (Role::Comment, "comment commentlist comments discussion disqus respond responses"),
    (Role::Reply, "blockquote quote replies reply"),
    (Role::Author, "author authorbox authors bio biography byline bylines contributor contributors creator editor \
        journalist profile reporter vcard writer writers"),
    (Role::User, "account avatar badge badges login member members register signature signin user userinfo \
        username users"),
    (Role::Meta, "attribution dateline details info meta metadata postmeta reading stats views"),
    (Role::Time, "clock time"),
    (Role::Tags, "cat categories category cats chip chips hashtag keyword keywords labels pill pills tag tagcloud \
        tagged tags taxonomy topic topics"),
    (Role::Caption, "caption captions credit credits figcaption legend photographer"),
    (Role::Toc, "anchor contents jump onthispage outline tableofcontents toc"),
    (Role::Pagination, "loadmore pagenav pager pages pagination paging prev previous"),
    (Role::Search, "autocomplete facet facets filter filters query refine refinement search searchbox searchform \
        sort sorting"),
    (Role::Form, "captcha checkbox contactform field fields form forms input inputs label password select"),
    (Role::Control, "action actions bag basket btn btns button buttons cart compare control controls currency lang \
        language locale minicart quantity toggle wishlist"),
    (Role::Hidden, "collapsed hidden hide invisible mobile noprint noscript offscreen screen skip skiplink sr \
        sronly visually visuallyhidden"),
    (Role::Review, "feedback helpful rating ratings review reviews score star stars survey testimonial testimonials"),
    (Role::Price, "amount availability delivery discount money price prices pricing sale shipping stock"),
    (Role::Notice, "alert alerts announcement disclaimer error message messages note notice notices notification \
        notifications warning"),
    (Role::Logo, "brand branding logo logos partners site"),
    (Role::Title, "eyebrow heading headline hed kicker name subheading subtitle title titles"),
    (Role::Lead, "abstract deck dek excerpt hero intro introduction jumbotron lead lede standfirst subhead \
        summary teasertext"),
    (Role::Content, "body bodytext cms content contentbody copy maincontent markdown mw output pagecontent prose \
        rich richtext rte story text textblock wysiwyg"),
    (Role::Article, "article articlebody articles blog blogpost entry newsarticle single storybody"),
    (Role::Post, "answer answers bbcode cooked crawler messagebody post postbody posts question questions thread \
        threads topicbody"),
    (Role::Main, "center centre main maincol middle primary"),
    (Role::Product, "buybox item pdp product productinfo products sku"),
    (Role::Details, "about attribute attributes desc description descriptions feature features information \
        ingredients instructions overview recipe spec specification specifications specs step steps"),
    (Role::Documentation, "api doc docs doctest documentation guide help highlight manual reference section tutorial wiki"),
    (Role::Listing, "archive catalog collection collections directory feed grid items list listing listings result \
        results rows stream tiles"),
    (Role::Item, "card cards cell column columns elementor entryitem listitem row tile"),
    (Role::Faq, "accordion accordions collapse collapsible expandable expander faq faqs panel"),
    (Role::Tab, "pane tab tabbed tablist tabpanel tabs"),
    (Role::Label, "tooltiptext"),
    (Role::Icon, "arrow emoji icon icons svg symbol"),
    (Role::Image, "figure image img media photo picture player video"),
    (Role::Date, "date datemodified datepublished datetime pubdate publish published timestamp updated"),
    (Role::Newsletter, "donate donation mailchimp newsletter newsletters optin signup subscribe subscription subscriptions"),
    (Role::More, "discover explore latest more next onward recent similar suggested suggestions teaser teasers viewed"),
    (Role::Network, "bookmark facebook follow instagram like likes linkedin pinterest print twitter whatsapp"),
];

/// The same the other way about.
static ROLE_OF: LazyLock<FxHashMap<&str, Role>> = LazyLock::new(|| {
    let words = WORDS
        .iter()
        .flat_map(|(role, words)| words.split_ascii_whitespace().map(|word| (word, *role)));
    words.collect()
});

/// Longest word of a class that is looked up, in bytes; no longer one is in the table.
const WORD_BYTES_MAX: usize = 20;

/// Beginnings of classes that only style: their words say nothing about what an element is for.
const STYLING: &[&str] = &[
    "align",
    "bg-",
    "border-",
    "col-",
    "content-center",
    "flex-",
    "font-",
    "gap-",
    "grid-cols",
    "has-",
    "is-style",
    "items-",
    "justify-",
    "leading-",
    "max-",
    "min-",
    "object-",
    "order-",
    "overflow-",
    "place-",
    "rounded",
    "self-",
    "shadow-",
    "space-",
    "text-",
    "tracking-",
    "wp-block-group",
];

/// How many zones there are.
pub const ZONES: usize = 4;

/// Where an element lies for a block that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Zone {
    /// It holds this block alone.
    Own,
    /// It is one of the next two that hold more.
    Near,
    /// It lies above those.
    Far,
    /// It holds most of the page.
    Wrapper,
}

/// What names are worth, in log-odds, by zone.
pub type NameScores = [f32; ZONES];

/// Tags that every page is made of and that say nothing.
const PLAIN_TAGS: &[&str] = &["div", "span", "body", "html"];

/// Most names of a page whose worth is remembered: what is read again and again are few names, and names that were made
/// to collide stay few.
const KNOWN_MAX: usize = 4_096;

/// Names with what they say.
#[derive(Default)]
struct Known<'a>(FxHashMap<&'a str, (RoleSet, NameScores)>);

impl<'a> Known<'a> {
    /// What a name says; worked out where it is not known yet.
    fn get(&mut self, name: &'a str, read: impl FnOnce() -> (RoleSet, NameScores)) -> (RoleSet, NameScores) {
        if let Some(known) = self.0.get(name) {
            return *known;
        }
        let found = read();
        if self.0.len() < KNOWN_MAX {
            self.0.insert(name, found);
        }
        found
    }
}

/// What names of a page say: elements of one kind share them, so that each has to be read only once.
pub struct Names<'a> {
    model: Option<&'a Model>,
    /// By class.
    known: Known<'a>,
    /// By tag.
    tags: Known<'a>,
}

impl<'a> Names<'a> {
    /// Nothing is known yet.
    pub fn new(model: Option<&'a Model>) -> Self {
        Self {
            model,
            known: Known::default(),
            tags: Known::default(),
        }
    }

    /// What an element is for by the words of its class, id and other names, and what they and its tag are worth.
    pub fn read(&mut self, element: &'a Element) -> (RoleSet, NameScores) {
        let model = self.model;
        let of_tag = || weighed(model, |add| tag_word(element, add));
        let (mut roles, mut scores) = self.tags.get(element.name(), of_tag);
        let mut add = |word: &str| weigh(word, model, (&mut roles, &mut scores));
        element
            .attrs
            .iter()
            .filter(|(name, _)| is_naming(&name.local))
            .for_each(|(_, value)| words(value, &mut add));
        if let Some(class) = known_attribute(element, &local_name!("class")) {
            let known = self.known.get(class, || weighed(model, |add| class_words(class, add)));
            roles = roles.with(known.0);
            add_scores(&mut scores, Some(&known.1));
        }
        (roles, scores)
    }
}

/// What the words of a single name say that an element is for.
pub fn roles_of(name: &str) -> RoleSet {
    weighed(None, |add| words(name, add)).0
}

/// Attributes, beside the class, whose words say what an element is for.
static NAMING: LazyLock<[LocalName; 6]> =
    LazyLock::new(|| ["id", "role", "itemprop", "data-testid", "data-component", "aria-label"].map(LocalName::from));

fn is_naming(name: &LocalName) -> bool {
    NAMING.contains(name)
}

fn add_scores(sums: &mut NameScores, more: Option<&NameScores>) {
    for (sum, score) in sums.iter_mut().zip(more.into_iter().flatten()) {
        *sum += score;
    }
}

/// Visits the tag, in angle brackets, and every word of the names of an element: what [`Names::read`] weighs.
pub fn each_word(element: &Element, visit: &mut impl FnMut(&str)) {
    tag_word(element, visit);
    for (name, value) in &element.attrs {
        if is_naming(&name.local) {
            words(value, visit);
        } else if name.local == local_name!("class") {
            class_words(value, visit);
        }
    }
}

fn tag_word(element: &Element, visit: &mut (impl FnMut(&str) + ?Sized)) {
    let tag = element.name();
    if !PLAIN_TAGS.contains(&tag) && tag.len() <= WORD_BYTES_MAX {
        visit(&format!("<{tag}>"));
    }
}

fn weigh(word: &str, model: Option<&Model>, (roles, scores): (&mut RoleSet, &mut NameScores)) {
    roles.extend(ROLE_OF.get(word).copied());
    add_scores(scores, model.and_then(|model| model.name(word)));
}

/// What some words say together.
fn weighed(model: Option<&Model>, each: impl FnOnce(&mut dyn FnMut(&str))) -> (RoleSet, NameScores) {
    let mut roles = RoleSet::default();
    let mut scores = [0.0; ZONES];
    each(&mut |word| weigh(word, model, (&mut roles, &mut scores)));
    (roles, scores)
}

fn class_words(value: &str, visit: &mut (impl FnMut(&str) + ?Sized)) {
    value
        .split_ascii_whitespace()
        .filter(|class| !only_styles(class))
        .for_each(|class| words(class, visit));
}

/// Whether a class is of the kind that names one property of style, such as `md:flex` or `items-center`.
fn only_styles(class: &str) -> bool {
    class.contains([':', '[']) || STYLING.iter().any(|start| class.starts_with(start))
}

/// Visits all words of a name: runs of two letters and more, parted where a capital follows a small letter.
pub(super) fn words(name: &str, visit: &mut (impl FnMut(&str) + ?Sized)) {
    let mut word = String::with_capacity(WORD_BYTES_MAX + 1);
    let mut after_small = false;
    for character in name.chars().chain([' ']) {
        let letter = character.is_ascii_alphabetic();
        if !letter || after_small && character.is_ascii_uppercase() {
            if (2..=WORD_BYTES_MAX).contains(&word.len()) {
                visit(&word);
            }
            word.clear();
        }
        if letter && word.len() <= WORD_BYTES_MAX {
            word.push(character.to_ascii_lowercase());
        }
        after_small = character.is_ascii_lowercase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn roles(html: &str) -> RoleSet {
        let html = Html::parse_fragment(html);
        let element = html.root_element().child_elements().next().unwrap();
        Names::new(None).read(element.value()).0
    }

    #[test]
    fn no_word_stands_for_two_roles() {
        let all = WORDS.iter().flat_map(|(_, words)| words.split_ascii_whitespace());
        assert_eq!(all.clone().count(), ROLE_OF.len());
        assert!(
            all.clone()
                .all(|word| word.len() <= WORD_BYTES_MAX && word.bytes().all(|b| b.is_ascii_lowercase()))
        );
    }

    #[test]
    fn words_of_names_are_parted_by_case_and_signs() {
        assert!(roles("<div class='c-relatedStories__list'>").has(Role::Related));
        assert!(roles("<div id='site_footer-2'>").has(Role::Footer));
        assert!(!roles("<div class='unrelated'>").has(Role::Related));
    }

    #[test]
    fn classes_that_only_style_say_nothing() {
        assert_eq!(
            roles("<div class='items-center md:nav text-footer overflow-hidden'>"),
            RoleSet::default()
        );
    }
}
