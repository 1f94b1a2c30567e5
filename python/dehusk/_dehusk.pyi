"""Types of what is written in Rust."""

from collections.abc import Sequence
from os import PathLike
from typing import TypedDict, final

__version__: str
#: Whether pages can ask for faults of the cleaner: a build for tests.
POISON: bool

class Metadata(TypedDict):
    """What a page says about itself, and how it was cleaned; what is not known is None."""

    schema: int
    title: str | None
    author: str | None
    date: str | None
    date_modified: str | None
    url: str | None
    hostname: str | None
    sitename: str | None
    description: str | None
    categories: list[str]
    tags: list[str]
    language: str | None
    image: str | None
    pagetype: str | None
    id: str | None
    site: str | None
    identified_by: str
    evidence: str
    method: str
    rule_set: str
    kind: str
    charset: str
    kept_ratio: float
    removed: dict[str, int]
    confidence: float | None
    overlays: list[str]
    held: str | None
    warnings: list[str]
    version: str

@final
class Cleaner:
    """Cleans pages by rules. It never changes, any number of threads may use it at once, and it can be pickled: the
    copy reads the rules again from the same paths."""

    def __new__(
        cls,
        rules: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
        *,
        shipped: bool = True,
        site_rules: bool = True,
        drafts: bool = False,
        keep_classes: Sequence[str] = (),
        title: bool = True,
        page_seconds_max: float | None = None,
        page_bytes_max: int | None = None,
    ) -> Cleaner:
        """Reads rules and gets them ready.

        rules: a folder of rule files, or a bundle that `dehusk bundle` has made, or several; where two speak of the same
            site, the later one counts. A bundle takes the place of everything before it and brings its own settings: drafts,
            classes that are kept, bounds on a page.
        shipped: whether the rules that come with dehusk count.
        site_rules: whether rules of sites and families count at all; the defaults always do.
        drafts: whether rule files with `status = "draft"` count.
        keep_classes: classes whose removals are not wanted, such as `"caption"`: what they name stays in the text.
        title: whether the text begins with the title.
        page_seconds_max: how long one page may take, in seconds [10].
        page_bytes_max: largest page, in bytes, before it is unpacked [what the bundle says, or 16 MiB].

        RuleError: a rule file has a fault. FileNotFoundError, OSError: rules can't be read. ValueError: an unknown class,
        or a time that is none.
        """

    def clean(
        self,
        page: bytes | bytearray | str,
        url: str | None = None,
        id: str | None = None,
        *,
        charset: str | None = None,
        site: str | None = None,
    ) -> Cleaned:
        """Cleans one page, HTML or a text dump. Other Python threads run meanwhile.

        page: bytes, whose charset is found as browsers do and which may be packed with gzip or zstd; or a str.
        url: the page's address; it tells the site.
        id: anything that names the page; it comes back in the result and in errors.
        charset: what a transport header says, for bytes.
        site: the site's name, if it is known.

        PageError: the page gives no text.
        """

    @property
    def rules_hash(self) -> str:
        """The hash of everything that decides what comes out, 64 hexadecimal digits: the same for a folder of rules and for
        its bundle, and the one that `dehusk pipe` writes into each record."""
    @property
    def warnings(self) -> list[str]:
        """What should be looked at in the rules, as `dehusk check` prints it."""

@final
class Cleaned:
    """A cleaned page. It never changes."""

    @property
    def text(self) -> str:
        """The text, as `dehusk clean` prints it: the title, a blank line, the blocks with a blank line between them, a line
        break at the end. Empty where nothing was left."""
    @property
    def id(self) -> str | None:
        """What the page was given as its id."""
    @property
    def title(self) -> str | None:
        """Its title."""
    @property
    def metadata(self) -> Metadata:
        """What the page says about itself, and how it was cleaned: the fields of the daemon's `.meta.json`. Made anew at
        each call."""
    def metadata_json(self) -> str:
        """The metadata as one line of JSON."""
    @property
    def removals(self) -> list[Removal]:
        """Every line that went, in order. Made anew at each call."""
    @property
    def confidence(self) -> float | None:
        """The F1, from 0 to 1, that pages reach on average for which the generic cleaner was as sure as of this one; none
        where rules told the main content, and for text dumps."""
    @property
    def site(self) -> str | None:
        """The name of its site, if that has rules."""
    @property
    def rule_set(self) -> str:
        """The hash of the rules that were used for this page: 16 hexadecimal digits."""
    @property
    def warnings(self) -> list[str]:
        """What a person should know about the page."""
    def markdown(self, *, title: bool = False, front_matter: bool = False) -> str:
        """The text as Markdown; the title as its heading, or the metadata in front, where asked for."""
    def __str__(self) -> str: ...

@final
class Removal:
    """A line that went, and why."""

    @property
    def text(self) -> str:
        """The line."""
    @property
    def line(self) -> int | None:
        """Its number in a text dump, from 1; pages of mark-up have none."""
    @property
    def kind(self) -> str:
        """What it was: one of the rule language's classes, such as `nav` or `related`."""
    @property
    def rule(self) -> str:
        """The key of the rule that took it, such as `text.drop-line`."""
    @property
    def pattern(self) -> str:
        """The rule's pattern or selector, or the built-in reason."""
    @property
    def rule_id(self) -> str | None:
        """The rule's own name, if it has one."""
    @property
    def file(self) -> str:
        """The file that the rule stands in."""
    @property
    def file_line(self) -> int | None:
        """The rule's line in that file, from 1; built-in rules have none."""
    @property
    def place(self) -> str:
        """File and line in one."""
