"""What can go wrong. All of these can be pickled, so that they come back from other processes as they were."""

from __future__ import annotations


class DehuskError(Exception):
    """What all exceptions of dehusk have in common."""


class RuleError(DehuskError):
    """Rule files that can't be used, with every fault of them."""

    #: Each fault as `dehusk check` prints it: file, line, column, what was found, the line itself, what to write instead.
    diagnostics: list[str]

    def __init__(self, diagnostics: list[str]) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return "\n".join(self.diagnostics)


class PageError(DehuskError):
    """A page that gives no text. The cleaner is as good as before."""

    #: A short fixed word: `empty`, `not-text`, `undecodable`, `too-large`, `inflated-too-large`, `inflate-ratio`,
    #: `bad-gzip`, `bad-zstd`, `too-many-lines`, `timed-out`, or `panic` for a fault of dehusk itself.
    code: str
    #: The same in words.
    message: str
    #: What the page was given as its id.
    page_id: str | None

    def __init__(self, code: str, message: str, page_id: str | None = None) -> None:
        super().__init__(code, message, page_id)
        self.code = code
        self.message = message
        self.page_id = page_id

    def __str__(self) -> str:
        page = "" if self.page_id is None else f"page {self.page_id}: "
        return f"{page}{self.message} ({self.code})"
