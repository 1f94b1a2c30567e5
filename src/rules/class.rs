//! What kind of thing a removed block was.

/// The class of a removal: what was removed, in the user's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Navigation, menus, breadcrumbs.
    Nav,
    /// Lists of other stories.
    Related,
    /// Advertisements.
    Ad,
    /// Newsletter forms, app prompts, subscription offers.
    Promo,
    /// Lines of tags and topics.
    Tags,
    /// Captions of pictures and videos.
    Caption,
    /// Credits of agencies, photographers, contributors.
    Credit,
    /// Legal lines.
    Disclaimer,
    /// Comment forms and comments.
    Comments,
    /// Pointers to embedded media.
    Embed,
    /// What the tool that made the dump left behind.
    Dump,
    /// Text that repeats other text of the page.
    Repeat,
    /// Lines whose content went into the metadata.
    Metadata,
    /// Boilerplate of no closer kind.
    Boilerplate,
}

/// Every class with the word that rule files and outputs use.
pub const CLASSES: &[(&str, Class)] = &[
    ("nav", Class::Nav),
    ("related", Class::Related),
    ("ad", Class::Ad),
    ("promo", Class::Promo),
    ("tags", Class::Tags),
    ("caption", Class::Caption),
    ("credit", Class::Credit),
    ("disclaimer", Class::Disclaimer),
    ("comments", Class::Comments),
    ("embed", Class::Embed),
    ("dump", Class::Dump),
    ("repeat", Class::Repeat),
    ("metadata", Class::Metadata),
    ("boilerplate", Class::Boilerplate),
];

impl Class {
    /// The class's word.
    pub fn name(self) -> &'static str {
        CLASSES
            .iter()
            .find(|(_, class)| *class == self)
            .map_or("boilerplate", |(name, _)| name)
    }
}
