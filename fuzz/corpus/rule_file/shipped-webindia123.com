# Text dumps: title, date, address, the sentences of the article in disorder, and the article itself as one run-on
# paragraph in which they all stand in their order.
schema = 1
site   = "webindia123.com"
uses   = ["agency-ani"]

[match]
all = [{ re = '^https?://(?:\w+\.)*webindia123\.com/', within = 6 }]

[meta]
date   = [{ re = '^(\d{8})$', within = 4, format = "%Y%m%d", take = true }]
url    = [{ re = '^(https?://\S+)$', within = 6, take = true }]
# The agency signs at the end of the last sentence.
author = [{ re = '[.!?"”’]\s+([A-Z]{2,8}(?:[-/][A-Z]{2,8})?)$' }]

[text]
dedupe   = { kind = "contained", min-chars = 20 }
resplit  = true
replace  = [{ re = '([.!?"”’])\s+[A-Z]{2,8}(?:[-/][A-Z]{2,8})?$', with = "$1", as = "credit" }]
