//! Names of `meta` elements, field by field, the most trusted first. They stand in normal form: lower case, letters and
//! digits alone, so that `dc:date`, `DC.Date` and `dc-date` are one.

/// The title.
pub(super) const TITLES: &[&str] = &[
    "ogtitle",
    "twittertitle",
    "citationtitle",
    "dctitle",
    "dctermstitle",
    "parselytitle",
    "sailthrutitle",
];
/// Authors; the first name that has any counts.
pub(super) const AUTHORS: &[&str] = &[
    "author",
    "articleauthorname",
    "citationauthor",
    "citationauthors",
    "dccreator",
    "dctermscreator",
    "dccontributor",
    "parselyauthor",
    "sailthruauthor",
    "byl",
    "bookauthor",
    "ogauthor",
    "articleauthor",
    "authors",
    "byline",
    "creator",
    "rbauthors",
    "shareaholicarticleauthorname",
];
/// Those of which every element holds one author of a list.
pub(super) const AUTHOR_LISTS: &[&str] = &["citationauthor", "citationauthors", "dccreator", "dccontributor"];
/// Labels of authors on cards for sharing, in lower case.
pub(super) const AUTHOR_LABELS: &[&str] = &[
    "written by",
    "author",
    "by",
    "interview by",
    "geschrieben von",
    "verfasst von",
    "autor",
    "escrito por",
    "écrit par",
    "scritto da",
    "geschreven door",
    "skriven av",
    "skrevet av",
    "skrevet af",
    "napisane przez",
    "kirjoittanut",
    "yazan",
    "написано автором",
];
/// Those that may have the family name first.
pub(super) const TURNED_AUTHORS: &[&str] = &[
    "citationauthor",
    "citationauthors",
    "dccreator",
    "dctermscreator",
    "dccontributor",
];
/// The date of publication.
pub(super) const PUBLISHED: &[&str] = &[
    "articlepublishedtime",
    "ogarticlepublishedtime",
    "ogpublishedtime",
    "articlepublished",
    "datepublished",
    "citationpublicationdate",
    "citationonlinedate",
    "citationdate",
    "dcdateissued",
    "dctermsissued",
    "dcdatecreated",
    "dctermscreated",
    "dcdate",
    "dctermsdate",
    "parselypubdate",
    "sailthrudate",
    "pubdate",
    "publishdate",
    "publishedtime",
    "publishedon",
    "publishedat",
    "firstpublished",
    "postdate",
    "publisheddate",
    "publicationdate",
    "publishtime",
    "articledateoriginal",
    "originalpublicationdate",
    "cxenseparserecspublishtime",
    "shareaholicarticlepublishedtime",
    "rnewsdatepublished",
    "displaydate",
    "msdate",
    "date",
    "datecreated",
    "ogpubdate",
    "ogreleasedate",
    "created",
];
/// The date of the last change.
pub(super) const MODIFIED: &[&str] = &[
    "articlemodifiedtime",
    "ogarticlemodifiedtime",
    "ogmodifiedtime",
    "ogupdatedtime",
    "articleupdatedtime",
    "datemodified",
    "dcdatemodified",
    "dctermsmodified",
    "dcmodified",
    "lastmodified",
    "articleupdated",
    "updateddate",
    "dateupdated",
    "lastupdated",
    "lastupdate",
    "shareaholicarticlemodifiedtime",
    "lastmod",
    "updatedtime",
    "modified",
    "revised",
];
/// A sentence about the page.
pub(super) const DESCRIPTIONS: &[&str] = &[
    "ogdescription",
    "description",
    "twitterdescription",
    "dcdescription",
    "dctermsdescription",
    "sailthrudescription",
];
/// The site's name.
pub(super) const SITE_NAMES: &[&str] = &[
    "ogsitename",
    "citationjournaltitle",
    "applicationname",
    "dcpublisher",
    "dctermspublisher",
    "publisher",
    "twitterappnameiphone",
    "applemobilewebapptitle",
];
/// The language.
pub(super) const LANGUAGES: &[&str] = &[
    "oglocale",
    "contentlanguage",
    "dclanguage",
    "dctermslanguage",
    "language",
];
/// Sections of the site.
pub(super) const SECTIONS: &[&str] = &["articlesection", "parselysection", "category", "sailthrusection"];
/// Keywords.
pub(super) const TAGS: &[&str] = &[
    "articletag",
    "keywords",
    "newskeywords",
    "parselytags",
    "sailthrutags",
    "citationkeywords",
    "dcsubject",
];
/// The page's picture.
pub(super) const IMAGES: &[&str] = &[
    "ogimage",
    "ogimagesecureurl",
    "ogimageurl",
    "twitterimage",
    "twitterimagesrc",
    "parselyimageurl",
    "sailthruimagefull",
];
/// The type of page.
pub(super) const PAGE_TYPES: &[&str] = &["ogtype", "parselytype", "dctype"];
/// The page's identifier.
pub(super) const IDENTIFIERS: &[&str] = &[
    "articleid",
    "parselypostid",
    "cxenseparserecsarticleid",
    "postid",
    "contentid",
    "dcidentifier",
    "citationdoi",
    "pageid",
];
