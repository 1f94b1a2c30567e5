#!/usr/bin/env python3
"""Compares imported rules with the XPath expressions that they were made of.

For every expression of ftr-site-config, small pages are grown from the expression's own steps: pages that satisfy it,
pages that nearly do, and pages of the same words in disorder. lxml evaluates the expression, our program the rule;
both have to find the same nodes, or the same value. Each page is compared twice where that is possible: as a tree that
both sides are given node by node, and as HTML that each side parses on its own, as far as both parse it alike.

    python3 tests/import_ftr/differential.py [--pages 12] [--seed 1] [--folder DIR] [--only TEXT]

lxml is only needed here; it goes into a virtual environment of its own below `target`. Where it can't be had, or where
the site files are not there, the script says so and leaves with 0.
"""

import argparse
import collections
import html
import json
import os
import pathlib
import random
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
RAW = {"script", "style", "textarea", "title", "iframe", "noscript", "xmp", "plaintext", "template", "select", "option"}


def skip(why):
    print(f"skipped: {why}")
    sys.exit(0)


def with_lxml():
    """Starts the script again inside a virtual environment that has lxml."""
    try:
        import lxml.etree  # noqa: F401
        return
    except ImportError:
        pass
    if os.environ.get("DEHUSK_DIFFERENTIAL_VENV"):
        skip("lxml was installed and can't be imported")
    venv = TARGET / "differential-venv"
    python = venv / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
        wanted = str(pathlib.Path(__file__).with_name("requirements.txt"))
        subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", wanted], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        skip(f"lxml can't be installed here ({error.__class__.__name__})")
    os.environ["DEHUSK_DIFFERENTIAL_VENV"] = str(venv)
    os.execv(str(python), [str(python), __file__, *sys.argv[1:]])


# A reader of XPath that is just good enough to grow pages from; what it can't read only grows fewer matching pages.

TOKEN = re.compile(r"\s*('[^']*'|\"[^\"]*\"|\d+(?:\.\d+)?|::|//|\.\.|!=|<=|>=|[A-Za-z_][\w.-]*|[/.@()\[\],|=<>+*$-])")


def tokens(text):
    found, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(text[at:])
        found.append(match.group(1))
        at = match.end()
    return found


class Reader:
    def __init__(self, text):
        self.tokens, self.at = tokens(text), 0

    def peek(self, ahead=0):
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else None

    def take(self, *wanted):
        if self.peek() in wanted:
            self.at += 1
            return self.tokens[self.at - 1]
        return None

    def expr(self):
        return self.chain("or", lambda: self.chain("and", self.compare))

    def chain(self, word, inner):
        parts = [inner()]
        while self.take(word):
            parts.append(inner())
        return parts[0] if len(parts) == 1 else (word, parts)

    def compare(self):
        left = self.sum()
        operator = self.take("=", "!=", "<", ">", "<=", ">=")
        return ("compare", operator, left, self.sum()) if operator else left

    def sum(self):
        left = self.union()
        while self.peek() in ("+", "-", "mod", "div") or self.peek() == "*":
            operator = self.take("+", "-", "mod", "div", "*")
            left = ("sum", operator, left, self.union())
        return left

    def union(self):
        return self.chain("|", self.path)

    def path(self):
        token = self.peek()
        if token is None:
            raise ValueError("end")
        if token[0] in "'\"":
            self.at += 1
            return ("literal", token[1:-1])
        if token[0].isdigit():
            self.at += 1
            return ("number", float(token))
        if token == "(" or (self.peek(1) == "(" and token not in ("text", "node", "comment") and token != "/"and token != "//"and token != "["):
            primary = self.primary()
            predicates = self.predicates()
            steps = self.steps() if self.peek() in ("/", "//") else []
            return ("filter", primary, predicates, steps) if predicates or steps else primary
        if token in ("/", "//"):
            return ("path", True, self.steps())
        first = self.step()
        return ("path", False, [first, *self.steps()])

    def primary(self):
        if self.take("("):
            inner = self.expr()
            self.take(")")
            return inner
        name = self.tokens[self.at]
        self.at += 2
        arguments = []
        while not self.take(")"):
            arguments.append(self.expr())
            if not self.take(",") and self.peek() != ")":
                raise ValueError("call")
        return ("call", name, arguments)

    def steps(self):
        steps = []
        while self.peek() in ("/", "//"):
            if self.take("//"):
                steps.append(("descendant-or-self", "node()", []))
            else:
                self.take("/")
            steps.append(self.step())
        return steps

    def step(self):
        if self.take("."):
            return ("self", "node()", [])
        if self.take(".."):
            return ("parent", "node()", [])
        axis = "child"
        if self.take("@"):
            axis = "attribute"
        elif self.peek(1) == "::":
            axis = self.peek()
            self.at += 2
        test = self.tokens[self.at]
        self.at += 1
        if self.take("("):
            self.take(")")
            test += "()"
        return (axis, test, self.predicates())

    def predicates(self):
        predicates = []
        while self.take("["):
            predicates.append(self.expr())
            if not self.take("]"):
                raise ValueError("predicate")
        return predicates


class Node:
    """An element of a page in the making."""

    def __init__(self, name, parent=None):
        if not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
            raise ValueError(name)
        self.name, self.attributes, self.children, self.parent = name, {}, [], None
        if parent is not None:
            parent.add(self)

    def add(self, child, at=None):
        self.children.insert(len(self.children) if at is None else at, child)
        if isinstance(child, Node):
            child.parent = self

    def walk(self):
        yield self
        for child in list(self.children):
            if isinstance(child, Node):
                yield from child.walk()

    def tree(self):
        merged = []
        for child in self.children:
            if isinstance(child, str) and merged and isinstance(merged[-1], str):
                merged[-1] += child
            elif child != "":
                merged.append(child)
        return [self.name, self.attributes, [child if isinstance(child, str) else child.tree() for child in merged]]

    def copy(self):
        twin = Node(self.name)
        twin.attributes = dict(self.attributes)
        for child in self.children:
            twin.add(child if isinstance(child, str) else child.copy())
        return twin


def string(expr):
    return expr[1] if expr and expr[0] == "literal" else None


class Grower:
    """Grows pages from an expression."""

    def __init__(self, expr, text, rng):
        self.expr, self.rng = expr, rng
        words = [word for pair in re.findall(r"'([^']*)'|\"([^\"]*)\"", text) for word in pair if word.strip()]
        self.words = words or ["word"]
        self.names = [n for n in re.findall(r"(?:^|[/:(|\[\s])([a-z][\w-]*)(?=[\[/|)\]\s=]|$)", text) if n not in ("or", "and", "text", "self", "not")] or ["div"]
        self.attributes = [name for name in re.findall(r"@([\w-]+)", text)] or ["class"]

    def name(self, test):
        return self.rng.choice(self.names + ["div", "p", "span"]) if test in ("*", "node()") else test

    def page(self):
        root = Node("html")
        Node("head", root)
        body = Node("body", root)
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            self.grow(self.expr, root, self.anywhere(body))
        return root

    def anywhere(self, body):
        """Some place inside the body, below a few elements that mean nothing."""
        place = body
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            place = Node(self.rng.choice(["div", "section", self.rng.choice(self.names)]), place)
        return place

    def grow(self, expr, root, place):
        kind = expr[0]
        if kind == "path":
            self.follow(expr[2], root if expr[1] else place, root, place, expr[1])
        elif kind in ("|", "or"):
            for part in expr[1] if kind == "|" and self.rng.random() < 0.6 else [self.rng.choice(expr[1])]:
                self.grow(part, root, place)
        elif kind == "filter":
            count = max([int(p[1]) for p in expr[2] if p[0] == "number"] + [1])
            for _ in range(min(count, 6) + self.rng.choice((0, 1))):
                self.grow(("path", *expr[1][1:2], [*expr[1][2], *expr[3]]) if expr[1][0] == "path" else expr[1], root, place)
        elif kind in ("compare", "sum"):
            self.grow(expr[2], root, place)
            self.grow(expr[3], root, place)
        elif kind == "call":
            if expr[1] == "id" and string(expr[2][0]):
                Node("div", place).attributes["id"] = string(expr[2][0])
            before = [node for node in root.walk()]
            for argument in expr[2]:
                if argument[0] in ("path", "call", "filter"):
                    self.grow(argument, root, place)
            marks = [string(a) for a in expr[2] if string(a)]
            grown = [node for node in root.walk() if node not in before]
            if grown and marks and self.rng.random() < 0.9:
                self.mark(grown[-1], marks)
            elif grown and expr[1] in ("normalize-space", "string", "substring"):
                grown[-1].add(self.rng.choice([" some  text\n of some length ", "short", ""]))

    def mark(self, node, marks):
        """Puts the marks of string functions into the text and the attributes of a node."""
        text = "".join(self.rng.choice(["one ", "two", " \n three"]) + mark for mark in marks * self.rng.choice((1, 1, 2))) + self.rng.choice(["end", " four "])
        node.children.append(text)
        for key in node.attributes:
            if self.rng.random() < 0.7 and node.attributes[key] == "v":
                node.attributes[key] = text

    def follow(self, steps, context, root, place, absolute):
        anywhere = False
        for at, (axis, test, predicates) in enumerate(steps):
            if (axis, test, predicates) == ("descendant-or-self", "node()", []):
                anywhere = True
                continue
            if absolute and context is root and at == 0 and axis == "child":
                if test in ("html", "*"):
                    continue
                return
            context = self.step(axis, test, predicates, context, root, place, anywhere)
            if context is None:
                return
            anywhere = False

    def step(self, axis, test, predicates, context, root, place, anywhere):
        if axis == "attribute":
            if not test.endswith("()"):
                context.attributes.setdefault(test if test != "*" else "title", "v")
            return None
        if test == "text()":
            self.text_step(axis, predicates, context)
            return None
        if axis == "self":
            return context
        if axis in ("parent", "ancestor", "ancestor-or-self"):
            return self.outer(axis, test, predicates, context)
        parent = context
        if anywhere and context is root:
            if test in ("html", "body", "head"):
                found = next((node for node in root.walk() if node.name == test), None) or Node(test, root)
                self.satisfy(predicates, found, root, place)
                return found
            parent = place
        if axis in ("following-sibling", "preceding-sibling", "following", "preceding"):
            parent = context.parent or root
        if axis in ("descendant", "descendant-or-self") or anywhere:
            for _ in range(self.rng.choice((0, 0, 1))):
                parent = Node(self.rng.choice(["div", "span"]), parent)
        count = max([int(p[1]) for p in predicates if p[0] == "number"] + [1])
        last = None
        for _ in range(min(count, 8)):
            last = Node(self.name(test))
            before = axis in ("preceding-sibling", "preceding")
            at = parent.children.index(context) if before and context in parent.children else None
            parent.add(last, at)
            self.satisfy(predicates, last, root, place)
        return last

    def text_step(self, axis, predicates, context):
        words = [string(a) for p in predicates if p[0] == "call" for a in p[2] if string(a)]
        parent = context if axis in ("child", "descendant") else (context.parent or context)
        at = parent.children.index(context) + (1 if axis.startswith("following") else 0) if parent is not context and context in parent.children else None
        parent.add(self.rng.choice(words or ["some text", "x", " "]), at)
        if self.rng.random() < 0.5:
            Node("br", parent)
            parent.add("more " + self.rng.choice(words or ["text"]))

    def outer(self, axis, test, predicates, context):
        """An ancestor that fits: one that is there, renamed, or a new one put in between."""
        name = self.name(test)
        parent = context.parent
        if parent is None:
            return context
        if parent.name == name and not predicates:
            return parent
        if parent.name in ("html", "body") or self.rng.random() < 0.5:
            at = parent.children.index(context)
            wrapper = Node(name)
            parent.children[at] = wrapper
            wrapper.parent = parent
            wrapper.add(context)
            parent = wrapper
        elif test not in ("*", "node()"):
            parent.name = name
        self.satisfy(predicates, parent, None, parent)
        return parent

    def satisfy(self, predicates, node, root, place):
        for predicate in predicates:
            self.hold(predicate, node, root, place)

    def hold(self, expr, node, root, place):
        kind = expr[0]
        if kind == "and":
            for part in expr[1]:
                self.hold(part, node, root, place)
        elif kind in ("or", "|"):
            self.hold(self.rng.choice(expr[1]), node, root, place)
        elif kind == "compare":
            left, right = (expr[2], expr[3]) if string(expr[3]) is not None else (expr[3], expr[2])
            if expr[1] == "=" and string(right) is not None:
                self.put(left, string(right), node, "=")
        elif kind == "call" and expr[1] in ("contains", "starts-with") and len(expr[2]) == 2:
            if string(expr[2][1]) is not None:
                self.put(expr[2][0], string(expr[2][1]), node, expr[1])
        elif kind == "path":
            self.follow(expr[2], root if expr[1] and root else node, root or node, node if not expr[1] else place, expr[1])
        elif kind == "filter" or kind == "number" or kind == "call":
            pass

    def put(self, subject, text, node, how):
        """Puts a text where a condition looks for it."""
        if how == "contains":
            text = self.rng.choice(["", "a ", "pre"]) + text + self.rng.choice(["", " b", "post"])
        elif how == "starts-with":
            text += self.rng.choice(["", "post", " b"])
        if subject[0] == "path":
            steps = subject[2]
            last = steps[-1]
            if len(steps) > 1 or last[0] == "child" and not last[1].endswith("()"):
                made = node
                for axis, test, predicates in steps:
                    if axis == "attribute":
                        made.attributes[test] = text
                        return
                    if test == "text()" or (axis, test) == ("self", "node()"):
                        continue
                    made = self.step(axis, test, predicates, made, made, made, False) or made
                made.add(text)
            elif last[0] == "attribute" and last[1].endswith("()"):
                return
            elif last[0] == "attribute":
                old = node.attributes.get(last[1])
                joined = f"{old} {text}" if old and how != "=" and old != text else text
                node.attributes[last[1] if last[1] != "*" else "title"] = joined
            else:
                if self.rng.random() < 0.2:
                    node.add(self.rng.choice(["other", "\n "]))
                    Node(self.rng.choice(["b", "br"]), node)
                node.add(text, 0 if self.rng.random() < 0.6 else None)
        elif subject[0] == "call":
            inner = [argument for argument in subject[2] if argument[0] in ("path", "call")]
            if inner:
                self.put(inner[0], text.strip() if subject[1] == "concat" else text, node, "=" if how == "=" and subject[1] != "concat" else "contains")
            elif subject[1] in ("normalize-space", "string"):
                node.add(text)

    def disturb(self, root):
        """Changes a page a little, so that it nearly satisfies the expression, or does so twice."""
        for _ in range(self.rng.choice((1, 2, 3, 5))):
            nodes = [node for node in root.walk() if node.name not in ("html", "body", "head")]
            if nodes:
                self.rng.choice(CHANGES)(self, self.rng.choice(nodes), root)
        return root

    def change_value(self, node, _root):
        if node.attributes:
            key = self.rng.choice(list(node.attributes))
            value = node.attributes[key]
            node.attributes[key] = self.rng.choice(
                [value + "x", "x" + value, value + " x", "x " + value, "x  " + value + "\n y", value.upper(), value[:-1], value.replace(" ", "  "), "", self.rng.choice(self.words), value.replace(" ", "\t"), f" {value} "]
            )

    def drop_attribute(self, node, _root):
        if node.attributes:
            del node.attributes[self.rng.choice(list(node.attributes))]

    def give_attribute(self, node, _root):
        node.attributes[self.rng.choice(self.attributes)] = self.rng.choice(self.words + [" ".join(self.words[:3])])

    def twin(self, node, _root):
        if node.parent and len(list(node.walk())) < 12:
            node.parent.add(node.copy(), self.rng.randrange(len(node.parent.children) + 1))

    def wrap(self, node, _root):
        if node.parent:
            at, parent = node.parent.children.index(node), node.parent
            wrapper = Node(self.rng.choice(self.names + ["div"]))
            parent.children[at] = wrapper
            wrapper.parent = parent
            wrapper.add(node)

    def unwrap(self, node, _root):
        if node.parent:
            at, parent = node.parent.children.index(node), node.parent
            parent.children[at : at + 1] = node.children
            for child in node.children:
                if isinstance(child, Node):
                    child.parent = parent

    def rename(self, node, _root):
        node.name = self.rng.choice(self.names + ["div", "p"])

    def say(self, node, _root):
        word = self.rng.choice(self.words + ["other"])
        text = self.rng.choice([word, f" {word}\n", word.replace(" ", "  "), word[:-1], word + "."])
        node.add(text, self.rng.randrange(len(node.children) + 1))

    def hush(self, node, _root):
        node.children = [child for child in node.children if isinstance(child, Node)]

    def split_text(self, node, _root):
        for at, child in enumerate(node.children):
            if isinstance(child, str) and len(child) > 1:
                inner = Node(self.rng.choice(["b", "em"] + self.names))
                inner.add(child[len(child) // 2 :])
                inner.parent = node
                node.children[at : at + 1] = [child[: len(child) // 2], inner]
                return

    def shuffle(self, node, _root):
        self.rng.shuffle(node.children)

    def sow(self, node, root):
        grown = Node(self.rng.choice(self.names), node)
        if self.rng.random() < 0.5:
            grown.add(self.rng.choice(self.words))
        if self.rng.random() < 0.3:
            self.grow(self.expr, root, grown)


CHANGES = [
    Grower.change_value, Grower.change_value, Grower.drop_attribute, Grower.give_attribute, Grower.twin, Grower.twin, Grower.wrap, Grower.unwrap,
    Grower.rename, Grower.say, Grower.hush, Grower.split_text, Grower.shuffle, Grower.sow,
]


def lxml_tree(tree):
    from lxml import etree

    element = etree.Element(tree[0], tree[1])
    last = None
    for child in tree[2]:
        if not isinstance(child, str):
            last = lxml_tree(child)
            element.append(last)
        elif last is None:
            element.text = child
        else:
            last.tail = child
    return element


def lxml_shape(element):
    inner = str(len(element.text)) if element.text else ""
    for child in element:
        if not isinstance(child.tag, str):
            raise ValueError("comment")
        inner += lxml_shape(child) + (str(len(child.tail)) if child.tail else "")
    return f"({element.tag}{inner})"


def as_html(tree):
    if isinstance(tree, str):
        return html.escape(tree)
    name, attributes, children = tree
    head = name + "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items())
    return f"<{head}>" if name in VOID else f"<{head}>{''.join(map(as_html, children))}</{name}>"


def element_path(element):
    parts = []
    while element is not None:
        place = 1 + sum(1 for other in element.itersiblings(preceding=True) if other.tag == element.tag)
        parts.append(f"{element.tag}[{place}]")
        element = element.getparent()
    return "/".join(reversed(parts))


def node_path(node):
    """Where a node of a result stands, in the terms of our program."""
    if hasattr(node, "tag"):
        return element_path(node)
    owner = node.getparent()
    if node.is_attribute:
        return f"{element_path(owner)}/@{node.attrname}"
    if node.is_text:
        return f"{element_path(owner)}/text()[1]"
    parent = owner.getparent()
    before = [owner, *owner.itersiblings(preceding=True)]
    place = sum(1 for sibling in before if sibling.tail) + (1 if parent.text else 0)
    return f"{element_path(parent)}/text()[{place}]"


def expected(evaluate, root, whole):
    """What the engine finds: paths, or a value with its white space folded; `None` where it fails."""
    from lxml import etree

    try:
        found = evaluate(root.getroottree())
    except etree.XPathError:
        return None
    if isinstance(found, str):
        folded = " ".join(found.split())
        return [folded] if folded else []
    if not isinstance(found, list):
        return None
    paths = [node_path(node) for node in found]
    return paths if whole else [path for path in paths if "/@" not in path]


def program():
    cargo = ["cargo", "build", "--quiet", "--example", "import-ftr-nodes"]
    subprocess.run(cargo, check=True, cwd=ROOT)
    return TARGET / "debug" / "examples" / "import-ftr-nodes"


def tasks(binary, folder, only):
    listed = subprocess.run([str(binary), "list", str(folder)], check=True, capture_output=True, text=True).stdout
    seen, found = set(), []
    for line in map(json.loads, listed.splitlines()):
        meta = line["directive"] in ("title", "author", "date")
        key = (meta, line["expression"], line["directive"] == "strip_id_or_class")
        if key in seen or only not in line["expression"]:
            continue
        seen.add(key)
        if line["directive"] == "strip_id_or_class":
            name = line["expression"].replace("'", "").replace('"', "")
            line["xpath"] = f"//*[contains(@class, '{name}') or contains(@id, '{name}')]"
        else:
            line["xpath"] = line["expression"]
        if line["rule"]:
            line["rule"] = re.sub(r", to = \"[^\"]*\" }", " }", line["rule"])
        found.append(line)
    return found


def grow_pages(task, count, seed):
    """Pages for one expression; the first ones as the expression wants them."""
    rng = random.Random(f"{seed}:{task['xpath']}")
    try:
        reader = Reader(task["xpath"])
        expr = reader.expr()
    except (ValueError, IndexError):
        expr = ("literal", "")
    grower = Grower(expr, task["xpath"], rng)
    pages = []
    for at in range(count):
        try:
            root = grower.page()
        except (ValueError, IndexError, AttributeError, TypeError):
            root = Node("html")
            Node("head", root)
            Node("body", root)
        if at * 4 >= count:
            root = grower.disturb(root)
        tree = root.tree()
        lower_names(tree)
        pages.append(tree)
    return pages


class Tally:
    def __init__(self):
        self.counts = collections.Counter()
        self.wrong = []

    def compare(self, task, evaluate, root, found, page, how):
        whole = task["directive"] in ("title", "author", "date")
        wanted = expected(evaluate, root, whole)
        if wanted is None:
            return None
        self.counts[f"{how} compared"] += 1
        if wanted:
            self.counts[f"{how} with a match"] += 1
        if wanted != found:
            self.wrong.append((task, how, page, wanted, found))
            return "wrong"
        return "match" if wanted else "none"


def evaluator(xpath):
    from lxml import etree

    try:
        return etree.XPath(xpath)
    except etree.XPathError:
        return None


def run(options, binary):
    from lxml import etree

    parser = etree.HTMLParser(remove_comments=True)
    everything = tasks(binary, options.folder, options.only)
    work = [task for task in everything if task["rule"] and task["outcome"] in ("exact", "approximate") and not task["rule"].startswith(('"', "'")) or task["rule"] and task["directive"] not in ("title", "author", "date")]
    print(f"{len(everything)} different expressions, {len(work)} of them with a rule to compare")
    tally, touched, vacuous, failed = Tally(), 0, [], collections.OrderedDict()
    check_dead(everything, options, tally)
    process = subprocess.Popen([str(binary), "find"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for task in work:
        evaluate = evaluator(task["xpath"])
        if evaluate is None:
            failed[task["xpath"]] = (task, "lxml does not take it")
            continue
        trees = grow_pages(task, options.pages, options.seed)
        texts = ["<!DOCTYPE html>" + as_html(tree) for tree in trees]
        part = "meta" if task["directive"] in ("title", "author", "date") else "html"
        value = re.match(r"\s*(normalize-space|string|substring)", task["xpath"]) is not None
        process.stdin.write(json.dumps({"part": part, "rule": task["rule"], "value": value, "trees": trees, "pages": texts}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        matched = False
        for tree, text, built, parsed in zip(trees, texts, answer["trees"], answer["pages"]):
            # Only a parsed page has ids that `id()` knows.
            if not task["xpath"].startswith("id("):
                matched |= tally.compare(task, evaluate, lxml_tree(tree), built, tree, "tree") == "match"
            root = etree.fromstring(text, parser)
            if root is None or lxml_shape(root) != parsed["shape"]:
                tally.counts["html parsed differently"] += 1
                continue
            matched |= tally.compare(task, evaluate, root, parsed["found"], text, "html") == "match"
        touched += matched
        if not matched:
            vacuous.append(task)
    process.stdin.close()
    process.wait()
    return tally, touched, vacuous, failed, work


def check_dead(everything, options, tally):
    """What is said to be dead must find nothing in any page that grows from it."""
    for task in everything:
        evaluate = evaluator(task["xpath"])
        if task["outcome"] != "dead" or evaluate is None or "passes over" in task["note"] or "www." in task["note"]:
            continue
        for tree in grow_pages(task, options.pages, options.seed):
            found = expected(evaluate, lxml_tree(tree), True)
            tally.counts["dead compared"] += 1
            if found and not (isinstance(found, list) and task["directive"] not in ("title", "author", "date") and "gives a value" in task["note"]):
                tally.wrong.append((task, "dead", tree, found, []))


def lower_names(tree):
    """As a parser does: all names in small letters."""
    tree[0] = tree[0].lower()
    tree[1] = {key.lower(): value for key, value in tree[1].items()}
    for child in tree[2]:
        if not isinstance(child, str):
            lower_names(child)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--pages", type=int, default=12, help="pages for each expression")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--folder", type=pathlib.Path, default=ROOT.parent / "shared" / "corpora" / "ftr-site-config")
    options.add_argument("--only", default="", help="only expressions with this in them")
    options.add_argument("--show", type=int, default=5, help="differences to print")
    options = options.parse_args()
    if not options.folder.is_dir():
        skip(f"there are no site files in {options.folder}")
    with_lxml()
    tally, touched, vacuous, failed, work = run(options, program())
    for name, count in sorted(tally.counts.items()):
        print(f"{count:>8} {name}")
    print(f"{touched:>8} of {len(work)} expressions matched in at least one page")
    for task in vacuous[: options.show]:
        print(f"no match grown: {task['xpath']}")
    for xpath, (task, why) in failed.items():
        print(f"{why}: {task['file']}:{task['line']}: {xpath}")
    wrong = collections.OrderedDict()
    for task, how, page, wanted, found in tally.wrong:
        wrong.setdefault(task["xpath"], (task, how, page, wanted, found))
    exact = [entry for entry in wrong.values() if entry[0]["outcome"] != "approximate"]
    for task, how, page, wanted, found in exact[: options.show]:
        print(f"\n{task['file']}:{task['line']}: {task['directive']}: {task['xpath']}\n  rule: {task['rule']}\n  {how}: {page if isinstance(page, str) else as_html(page)}\n  lxml: {wanted}\n  ours: {found}")
    print(f"{len(wrong) - len(exact)} approximate and {len(exact)} exact rules differ somewhere")
    print(f"{len(work) - len(wrong)} passed, {len(exact) + len(failed)} failed")
    sys.exit(1 if exact or failed else 0)


if __name__ == "__main__":
    main()
