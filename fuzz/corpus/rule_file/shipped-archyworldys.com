# Text dumps: the title with the source and the site behind it, the article with captions in capitals, the form of
# WordPress for comments.
schema = 1
site   = "archyworldys.com"

[match]
all = [{ line = "* – Archyworldys", within = 1 }]

[meta]
title = [{ re = '^(.+) – Archyworldys$', within = 1, take = true }]
# The source is a name of a few words; a longer last part belongs to the title.
title-replace = [{ re = ' – (?:\S+ ){0,3}\S+$', with = "" }]

[text]
drop-line = [
  { line = "Just updated", within = 12, as = "promo", optional = true },
  # A caption begins with a few words in capitals and is a sentence; a cross-head with an abbreviation is none.
  { re = '^\p{Lu}{3,}(?: \p{Lu}{2,}){0,4}: .*[.!?]$', max-chars = 320, as = "caption", optional = true },
  { re = '^• See .+:$', max-chars = 160, as = "embed", optional = true },
]

[[text.cut-from]]
line     = ["Leave a Reply", "Leave a Reply Cancel reply"]
as       = "comments"
optional = true
