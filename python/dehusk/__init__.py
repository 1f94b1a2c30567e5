"""Strips the boilerplate from scraped pages and text dumps, and can say why each line went.

    >>> import dehusk
    >>> cleaner = dehusk.Cleaner(rules="rules")
    >>> page = cleaner.clean(html, url="https://gazette.example/a-story")
    >>> page.text, page.metadata["author"], [line.place for line in page.removals]
"""

from dehusk._dehusk import Cleaned, Cleaner, Removal, __version__
from dehusk.errors import DehuskError, PageError, RuleError

__all__ = ["Cleaned", "Cleaner", "DehuskError", "PageError", "Removal", "RuleError", "__version__"]
