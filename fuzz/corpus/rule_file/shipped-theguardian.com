# The Guardian: articles, and live blogs on the same template.
schema = 1
site   = "theguardian.com"

[meta]
title  = [{ css = "h1" }, { css = "meta[property='og:title']", attr = "content" }]
author = [{ css = "meta[property='article:author']", attr = "content", re = '^([^/]+)$', many = true }, { css = "a[rel='author']", many = true }]
date   = [{ css = "meta[property='article:published_time']", attr = "content" }, { css = "article time[datetime]", attr = "datetime" }]
title-replace = [{ re = '\s+[|–-]\s+(?:The Guardian|[\p{L} ]+ \| The Guardian)$', with = "" }]

[html]
# The standfirst is part of the article; a live blog holds its entries in a list of its own.
keep = [
  "body:has(#liveblog-body) [data-gu-name='standfirst'], #liveblog-body",
  "body:has(.article-body-commercial-selector) [data-gu-name='standfirst'], .article-body-commercial-selector",
  "div[class*='article-body'], div[itemprop='articleBody'], div[itemprop='reviewBody']",
]
strip = [
  "aside, nav, footer, form, button, svg, gu-island[name*='Newsletter'], gu-island[name*='SignUp'], gu-island[name*='KeyEvents'], [data-gu-name='standfirst'] ul",
  { css = "figure", as = "embed", id = "guardian-figures" },
  { css = ".submeta, .sign-in-gate, .site-message, .contributions__epic, [data-print-layout='hide']", as = "promo", optional = true },
  { css = "[class*='ad-slot']", as = "ad", optional = true },
  { css = "p", text = '^(?:Sign up (?:to|for)|Read more:|Do you have an opinion on the issues raised)', as = "promo", optional = true },
  { css = "[data-component='related-stories'], .element-rich-link, gu-island[name='RichLinkComponent']", as = "related", optional = true },
  { css = "#liveblog-body time, #liveblog-body header a, [data-component='share-links'], [aria-label*='Share']", as = "nav", optional = true },
]
