//! What an explanation says about the blocks that the generic cleaner removes.

use std::sync::{Arc, LazyLock};

use crate::clean::extraction::Removal;
use crate::clean::generic::features::BlockFeatures;
use crate::clean::generic::roles::{Role, RoleSet};
use crate::rules::{Class, RuleInfo};

/// From which link density on a block is a list of links.
const LINK_LIST_DENSITY: f32 = 0.6;

/// A reason as written: its key after `generic.`, why, and what goes by it.
type Wording = (&'static str, &'static str, Class);

/// The reasons, each with the roles that stand for it.
const BY_ROLE: &[(&[Role], Wording)] = &[
    (
        &[Role::Nav, Role::Menu, Role::Logo],
        ("navigation", "it stands in the navigation of the site", Class::Nav),
    ),
    (
        &[Role::Breadcrumb],
        ("breadcrumb", "it is part of the path to the page", Class::Nav),
    ),
    (
        &[Role::Toc],
        (
            "contents",
            "it is part of a list of the page's own sections",
            Class::Nav,
        ),
    ),
    (
        &[Role::Pagination],
        ("pagination", "it leads to other pages of a series", Class::Nav),
    ),
    (
        &[Role::Header],
        ("page-header", "it stands in a header", Class::Boilerplate),
    ),
    (
        &[Role::Footer],
        ("page-footer", "it stands in a footer", Class::Boilerplate),
    ),
    (
        &[Role::Aside, Role::Widget],
        ("sidebar", "it stands beside the main content", Class::Boilerplate),
    ),
    (
        &[Role::Related, Role::More, Role::Carousel],
        ("related", "it belongs to a list of other pages", Class::Related),
    ),
    (&[Role::Ad], ("advertisement", "it is marked as advertising", Class::Ad)),
    (
        &[Role::Promo, Role::Newsletter],
        ("promotion", "it asks to subscribe, to sign up or to buy", Class::Promo),
    ),
    (
        &[Role::Modal, Role::Notice],
        (
            "overlay",
            "it is a dialogue or a notice laid over the page",
            Class::Boilerplate,
        ),
    ),
    (
        &[Role::Cookie],
        ("consent", "it asks for consent to cookies", Class::Boilerplate),
    ),
    (
        &[Role::Share, Role::Network],
        (
            "share-bar",
            "it belongs to the links for sharing the page",
            Class::Promo,
        ),
    ),
    (
        &[Role::Comment, Role::Reply, Role::Review],
        ("comments", "it belongs to the comments on the page", Class::Comments),
    ),
    (
        &[Role::Author, Role::User],
        (
            "author-box",
            "it tells of the author and is no part of the text",
            Class::Credit,
        ),
    ),
    (
        &[Role::Meta, Role::Time, Role::Date],
        (
            "byline",
            "it is a line of facts about the text: who, when, how long",
            Class::Metadata,
        ),
    ),
    (
        &[Role::Tags],
        ("tags", "it is one of the topics of the page", Class::Tags),
    ),
    (
        &[Role::Caption, Role::Image],
        ("caption", "it belongs to a picture or a video", Class::Caption),
    ),
    (
        &[Role::Search, Role::Form, Role::Control, Role::Label, Role::Icon],
        ("control", "it is part of a form or a control", Class::Boilerplate),
    ),
    (
        &[Role::Hidden],
        ("hidden", "the page does not show it", Class::Boilerplate),
    ),
];

const LINK_LIST: Wording = (
    "link-list",
    "it is made of links and stands among others like it",
    Class::Nav,
);
const OUTSIDE: Wording = (
    "outside-main-content",
    "it stands outside the element that holds the main content",
    Class::Boilerplate,
);
const NOT_MAIN: Wording = (
    "no-main-content",
    "text, links and place together speak against it",
    Class::Boilerplate,
);
const LONE_HEADING: Wording = (
    "lone-heading",
    "it is the heading of a part that is not main content",
    Class::Boilerplate,
);
const NO_SCRIPT: Wording = (
    "script-note",
    "it only says that the page needs scripts",
    Class::Boilerplate,
);

/// The reasons ready for use: [`BY_ROLE`] in its order.
static ROLE_RULES: LazyLock<Vec<Arc<RuleInfo>>> =
    LazyLock::new(|| BY_ROLE.iter().map(|(_, wording)| rule(wording)).collect());
static LINK_LIST_RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| rule(&LINK_LIST));
static OUTSIDE_RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| rule(&OUTSIDE));
static NOT_MAIN_RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| rule(&NOT_MAIN));
static LONE_HEADING_RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| rule(&LONE_HEADING));
static NO_SCRIPT_RULE: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| rule(&NO_SCRIPT));

fn rule((key, why, class): &Wording) -> Arc<RuleInfo> {
    RuleInfo::built_in(&format!("generic.{key}"), why, *class)
}

/// Why a block goes: the role of the nearest elements around it that has a reason, else its links, else its place.
pub(super) fn against(block: &BlockFeatures) -> Removal {
    let by_role = block.zones.iter().find_map(|zone| {
        let mut reasons = BY_ROLE.iter().zip(ROLE_RULES.iter());
        reasons
            .find(|((roles, _), _)| zone.meets(RoleSet::of(roles)))
            .map(|(_, rule)| rule)
    });
    let rule: &Arc<RuleInfo> = match by_role {
        Some(rule) => rule,
        None if block.shape.link_density >= LINK_LIST_DENSITY => &LINK_LIST_RULE,
        None if block.distance.up > 0.0 => &OUTSIDE_RULE,
        None => &NOT_MAIN_RULE,
    };
    Removal::by(rule)
}

/// Why a heading goes that has no text to stand over.
pub(super) fn lone_heading() -> Removal {
    Removal::by(&LONE_HEADING_RULE)
}

/// Why a note goes that asks to turn scripts on.
pub(super) fn script_note() -> Removal {
    Removal::by(&NO_SCRIPT_RULE)
}
