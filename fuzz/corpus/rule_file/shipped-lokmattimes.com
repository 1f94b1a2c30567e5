# Text dumps: navigation, title, author and dateline, the lead, an app prompt, the lead again, the article, credits and
# tags, and two lists of other stories to the end.
schema = 1
site   = "lokmattimes.com"
uses   = ["agency-ani"]

[match]
all = [{ line = "Epaper", within = 4 }, { line = "Open in App" }]

[meta]
author = [{ re = '^By (.+?) \| (?:Updated|Published): ', within = 12 }]
date   = [{ re = '\| (?:Updated|Published): (.+)$', within = 12, take = true }]

[text]
drop-line = [
  { line = ["City", "Epaper"], within = 4, as = "nav" },
  { line = "Open in App", as = "promo" },
  { line = "Tags: *", as = "tags", optional = true },
  # Signatures of agencies: a line of its own under the last paragraph.
  { re = '^(?:--|-)\s?[A-Z]{2,5}$', last = 40, as = "credit", optional = true },
  { re = '^[a-z]{2,4}(?:/[a-z]{2,4}){1,3}/?$', last = 40, as = "credit", optional = true },
]
# The list of the section is headed "International Realted Stories", slip included.
cut-from = [{ line = ["Related Stories", "* Realted Stories", "* Related Stories"], max-chars = 60, as = "related", optional = true }]
# The lead stands above and below the app prompt, however short it is.
dedupe = { kind = "lead", min-chars = 20, within = 12 }
