//! What an element is for, and what its tag and ARIA role say of that.

use std::sync::LazyLock;

use html5ever::local_name;
use scraper::node::Element;

use crate::page::elements::Names;

/// What an element is for, as far as its mark-up tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(
    missing_docs,
    reason = "each is named after the words that stand for it in the tables below"
)]
pub enum Role {
    Nav,
    Menu,
    Breadcrumb,
    Footer,
    Header,
    Aside,
    Widget,
    Related,
    Carousel,
    Ad,
    Promo,
    Modal,
    Cookie,
    Share,
    Comment,
    Reply,
    Author,
    User,
    Meta,
    Time,
    Tags,
    Caption,
    Toc,
    Pagination,
    Search,
    Form,
    Control,
    Link,
    Hidden,
    Review,
    Price,
    Notice,
    Logo,
    Title,
    Lead,
    Content,
    Article,
    Post,
    Main,
    Product,
    Details,
    Documentation,
    Listing,
    Item,
    Section,
    Faq,
    Tab,
    Paragraph,
    ListItem,
    Cell,
    Heading,
    Quote,
    Code,
    Noscript,
    Label,
    Icon,
    Emphasis,
    Image,
    Date,
    Newsletter,
    More,
    Network,
}

/// How many roles there are.
pub const ROLES: usize = Role::Network as usize + 1;

/// A set of roles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoleSet(u64);

impl RoleSet {
    /// Adds a role.
    pub fn insert(&mut self, role: Role) {
        self.0 |= 1 << role as u8;
    }

    /// Whether a role is in it.
    pub fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// Whether it shares a role with another set.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The numbers of its roles, in order.
    pub fn numbers(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let number = rest.trailing_zeros();
            rest &= rest.checked_sub(1)?;
            usize::try_from(number).ok()
        })
    }

    /// A set of the named roles.
    pub const fn of(roles: &[Role]) -> Self {
        let mut bits = 0;
        let mut rest = roles;
        while let Some((role, others)) = rest.split_first() {
            bits |= 1 << *role as u8;
            rest = others;
        }
        Self(bits)
    }
}

/// What tags stand for. Sorted.
const TAGS: &[(&str, Role)] = &[
    ("a", Role::Link),
    ("address", Role::Author),
    ("article", Role::Article),
    ("aside", Role::Aside),
    ("b", Role::Emphasis),
    ("blockquote", Role::Quote),
    ("button", Role::Control),
    ("dd", Role::Cell),
    ("dialog", Role::Modal),
    ("dt", Role::Cell),
    ("em", Role::Emphasis),
    ("figcaption", Role::Caption),
    ("figure", Role::Caption),
    ("footer", Role::Footer),
    ("form", Role::Form),
    ("h1", Role::Heading),
    ("h2", Role::Heading),
    ("h3", Role::Heading),
    ("h4", Role::Heading),
    ("h5", Role::Heading),
    ("h6", Role::Heading),
    ("header", Role::Header),
    ("i", Role::Emphasis),
    ("label", Role::Label),
    ("legend", Role::Label),
    ("li", Role::ListItem),
    ("main", Role::Main),
    ("nav", Role::Nav),
    ("noscript", Role::Noscript),
    ("option", Role::Control),
    ("p", Role::Paragraph),
    ("pre", Role::Code),
    ("section", Role::Section),
    ("small", Role::Emphasis),
    ("strong", Role::Emphasis),
    ("summary", Role::Faq),
    ("td", Role::Cell),
    ("th", Role::Cell),
    ("time", Role::Time),
];

/// What ARIA roles stand for. Sorted.
const ARIA: &[(&str, Role)] = &[
    ("alert", Role::Notice),
    ("alertdialog", Role::Modal),
    ("article", Role::Article),
    ("banner", Role::Header),
    ("button", Role::Control),
    ("complementary", Role::Aside),
    ("contentinfo", Role::Footer),
    ("dialog", Role::Modal),
    ("form", Role::Form),
    ("listbox", Role::Control),
    ("main", Role::Main),
    ("menu", Role::Menu),
    ("menubar", Role::Menu),
    ("menuitem", Role::Menu),
    ("navigation", Role::Nav),
    ("search", Role::Search),
    ("status", Role::Notice),
    ("tab", Role::Tab),
    ("tablist", Role::Tab),
    ("tabpanel", Role::Tab),
    ("toolbar", Role::Control),
    ("tooltip", Role::Modal),
];

static OF_TAGS: LazyLock<Names<Role>> = LazyLock::new(|| Names::of(TAGS));
static OF_ARIA: LazyLock<Names<Role>> = LazyLock::new(|| Names::of(ARIA));

/// What an element is for by its tag and ARIA role.
pub fn of_tag(element: &Element) -> RoleSet {
    let mut roles = RoleSet::default();
    roles.extend(OF_TAGS.get(element.name()));
    for (name, value) in &element.attrs {
        match name.local {
            local_name!("role") => roles.extend(OF_ARIA.get(value.trim())),
            local_name!("hidden") => roles.insert(Role::Hidden),
            local_name!("aria-hidden") if &**value == "true" => roles.insert(Role::Hidden),
            local_name!("style") if hides(value) => roles.insert(Role::Hidden),
            _ => {}
        }
    }
    roles
}

impl Extend<Role> for RoleSet {
    fn extend<T: IntoIterator<Item = Role>>(&mut self, roles: T) {
        roles.into_iter().for_each(|role| self.insert(role));
    }
}

/// Whether an inline style hides its element.
fn hides(style: &str) -> bool {
    if !style.contains("none") && !style.contains("hidden") {
        // Most of them, without a copy. No white space is part of these words.
        return false;
    }
    let folded: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    folded.contains("display:none") || folded.contains("visibility:hidden")
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn roles(html: &str) -> RoleSet {
        let html = Html::parse_fragment(html);
        let element = html.root_element().child_elements().next().unwrap();
        of_tag(element.value())
    }

    #[test]
    fn the_tables_are_sorted() {
        for table in [TAGS, ARIA] {
            assert!(
                table.is_sorted_by(|a, b| a.0 < b.0),
                "{:?}",
                table.windows(2).find(|w| w[0].0 >= w[1].0)
            );
        }
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        const SET: RoleSet = RoleSet::of(&[Role::Nav, Role::Date]);
        assert_eq!(
            SET.numbers().collect::<Vec<_>>(),
            [Role::Nav as usize, Role::Date as usize]
        );
        assert!(SET.has(Role::Date) && !SET.has(Role::Footer) && !SET.meets(RoleSet::of(&[Role::Footer])));
    }

    #[test]
    fn tags_and_aria_roles_tell_what_an_element_is_for() {
        assert!(roles("<footer>").has(Role::Footer));
        assert!(roles("<div role=navigation>").has(Role::Nav));
    }

    #[test]
    fn hidden_elements_are_known_by_attribute_and_style() {
        for html in ["<div hidden>", "<div aria-hidden=true>", "<div style='display: none'>"] {
            assert!(roles(html).has(Role::Hidden), "{html}");
        }
        assert!(!roles("<div aria-hidden=false>").has(Role::Hidden));
    }
}
