"""Trains the model of the generic cleaner. Run by train/pages; docs/generic-cleaner.md tells the method.

Three kinds of tables, each a logistic regression, tell what the names of elements, the wording of short texts and the
signs of a page's kind are worth. Boosted trees weigh all numbers of a block, those tables' answers among them; for the
trees to learn how far these can be trusted, every page's come from tables that have not seen its fold of domains.
"""

import argparse
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
from urllib.parse import urlparse

import lightgbm
import numpy as np
from scipy import optimize, sparse

import trees

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CORPORA = ("wcxb-dev", "fundus-dev")
FOLDS = 5
ZONES = 4
KINDS = ("article", "collection", "documentation", "forum", "listing", "news", "product", "service")

# A word counts when it stands on pages of so many domains, a sign of so many.
WORD_DOMAINS = 12
SIGN_DOMAINS = 8

# How much worth is held down, for the tables of words and for that of signs.
WORD_PENALTY = 6e-5
SIGN_PENALTY = 2e-3
STEPS = 40

# Words worth less than this in every zone are left out of the model.
LEAST_WORTH = 0.02

# Blocks lighter than this are thinned to a quarter that weighs four times as much.
LIGHT = 0.008

# Share of a block's certainty that comes from its group: that of the program.
GROUP_SHARE = 0.5

ROUNDS = 200
BOOSTING = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.25,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "max_bin": 63,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 2,
    "seed": 1,
    "use_missing": False,
    "verbosity": -1,
}

# Second-level domains under which anybody can have a name.
PUBLIC_SUFFIXES = {"co", "com", "org", "net", "ac", "gov", "edu"}


def domain(host):
    """The part of a host's name that its owner has registered."""
    parts = host.split(".")
    long = len(parts) > 2 and parts[-2] in PUBLIC_SUFFIXES and len(parts[-1]) == 2
    return ".".join(parts[-3:] if long else parts[-2:])


def owner(corpus, gold):
    """Whose page it is: the publisher on the news pages, else the domain."""
    if corpus.startswith("fundus"):
        return gold["id"].rsplit("_", 3)[0]
    return domain(urlparse(gold["url"]).hostname or gold["id"])


class Pages:
    """All pages with their blocks, in the order of the corpora."""

    def __init__(self, tool, work):
        self.tool, self.work = tool, work
        self.ids, self.corpus, self.owners, self.kinds, self.signs, self.numbers = [], [], [], [], [], []
        names, wording, counts, shares, groups, pages, golds = [], [], [], [], [], [], []
        for corpus in CORPORA:
            out = work / f"{corpus}.words"
            subprocess.run([tool, "words", str(SHARED / "corpora" / corpus), str(out)], check=True)
            gold_lines = (SHARED / "corpora" / corpus / "gold.jsonl").open()
            for gold_line, line in zip(gold_lines, out.open()):
                gold, page = json.loads(gold_line), json.loads(line)
                for block in page["blocks"]:
                    names.append(block[0].split())
                    wording.append(block[1].split())
                    counts.append(block[2])
                    shares.append(block[3])
                    groups.append(block[4] % (1 << 52))
                    pages.append(len(self.ids))
                    golds.append(page["gold"])
                self.ids.append(gold["id"])
                self.corpus.append(corpus)
                self.owners.append(owner(corpus, gold))
                self.kinds.append(KINDS.index(gold.get("page_type") or "news"))
                self.signs.append(page.get("signs", []))
                self.numbers.append(page.get("numbers", [0.0] * 20))
        self.names, self.wording = names, wording
        self.words = np.array(counts, dtype=float)
        self.share = np.array(shares)
        self.page = np.array(pages)
        self.gold = np.array(golds, dtype=float)
        self.kinds, self.numbers = np.array(self.kinds), np.array(self.numbers, dtype=np.float32)
        self.page_fold = np.array([int(hashlib.md5(o.encode()).hexdigest()[:8], 16) % FOLDS for o in self.owners])
        self.fold = self.page_fold[self.page]
        self.target = (self.share >= 0.5).astype(np.float32)
        weight = np.minimum(1, self.words / (self.gold + 30)) + 0.001
        light = weight < LIGHT
        random = np.random.default_rng(1)
        self.used = ~light | (random.random(len(weight)) < 0.25)
        self.weight = np.where(light, 4 * weight, weight)
        self.group = np.unique(self.page.astype(np.int64) * (1 << 20) + np.unique(groups, return_inverse=True)[1],
                               return_inverse=True)[1]
        self.starts = np.flatnonzero(np.r_[True, np.diff(self.page) != 0])
        self.ends = np.r_[self.starts[1:], len(self.page)]


def counted(lists, owners, least):
    """The words of all lists that stand on pages of enough owners, and how often each stands in each list."""
    seen = {}
    for words, whose in zip(lists, owners):
        for word in words:
            seen.setdefault(word, set()).add(whose)
    words = sorted(word for word, whose in seen.items() if len(whose) >= least)
    number = {word: at for at, word in enumerate(words)}
    columns, ends = [], [0]
    for line in lists:
        columns.extend(number[word] for word in line if word in number)
        ends.append(len(columns))
    table = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(lists), len(words)))
    table.sum_duplicates()
    return words, table


def logistic(table, target, weight, penalty):
    """The worth of each column, and the bias, by logistic regression."""
    across, weight, width = table.T.tocsr(), weight / weight.sum(), table.shape[1]

    def loss(worth):
        score = table @ worth[:width].astype(np.float32) + worth[width]
        error = weight * (1 / (1 + np.exp(-score)) - target)
        value = (weight * (np.logaddexp(0, score) - target * score)).sum() + penalty / 2 * (worth[:width] ** 2).sum()
        return float(value), np.r_[across @ error + penalty * worth[:width], error.sum()]

    found = optimize.minimize(loss, np.zeros(width + 1), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return found.x[:width], found.x[width]


def softmax(table, target, penalty):
    """The worth of each column for each kind, and the biases, by multinomial regression."""
    count, width, kinds = table.shape[0], table.shape[1], len(KINDS)
    across, truth = table.T.tocsr(), np.eye(kinds)[target]

    def loss(flat):
        worth = flat.reshape(width + 1, kinds)
        score = table @ worth[:width] + worth[width]
        score -= score.max(1, keepdims=True)
        chance = np.exp(score)
        chance /= chance.sum(1, keepdims=True)
        error = (chance - truth) / count
        value = -np.log(chance[truth > 0] + 1e-12).mean() + penalty / 2 * (worth[:width] ** 2).sum()
        return float(value), np.r_[across @ error + penalty * worth[:width], error.sum(0, keepdims=True)].ravel()

    found = optimize.minimize(loss, np.zeros((width + 1) * kinds), jac=True, method="L-BFGS-B",
                              options={"maxiter": 100})
    worth = found.x.reshape(width + 1, kinds)
    return worth[:width], worth[width]


def hashed(word):
    """The FNV-1a hash of a word, 32 bits."""
    value = 0x811C9DC5
    for byte in word.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def packed(words, worth):
    """A table as the program reads it: count, hashes in order, worth."""
    entries = {}
    for word, line in zip(words, np.asarray(worth, dtype="<f4")):
        if np.abs(line).max() >= LEAST_WORTH:
            entries.setdefault(hashed(word), line)
    keys = sorted(entries)
    out = struct.pack("<I", len(keys)) + np.array(keys, dtype="<u4").tobytes()
    return out + b"".join(entries[key].tobytes() for key in keys)


def listed(lines):
    """Rows of numbers as the program reads them: count, numbers."""
    lines = np.asarray(lines, dtype="<f4")
    return struct.pack("<I", len(lines)) + lines.tobytes()


class Tables:
    """What names, wording and signs are worth."""

    def __init__(self, pages):
        self.pages = pages
        whose = [pages.owners[page] for page in pages.page]
        self.names, self.name_table = counted(pages.names, whose, WORD_DOMAINS)
        self.words, self.word_table = counted(pages.wording, whose, WORD_DOMAINS)
        self.signs, self.sign_table = counted(pages.signs, pages.owners, SIGN_DOMAINS)
        self.made = {}

    def fit(self, left_out):
        """The bytes of the tables trained on all folds but those left out."""
        key = tuple(sorted(left_out))
        if key not in self.made:
            self.made[key] = self.fit_new(key)
        return self.made[key]

    def fit_new(self, left_out):
        pages = self.pages
        rows = pages.used & ~np.isin(pages.fold, left_out)
        names, _ = logistic(self.name_table[rows], pages.target[rows], pages.weight[rows], WORD_PENALTY)
        words, bias = logistic(self.word_table[rows], pages.target[rows], pages.weight[rows], 2 * WORD_PENALTY)
        which = ~np.isin(pages.page_fold, left_out)
        # Numbers are measured from their mean, in units of twice their spread; both go into worth and bias.
        mean, spread = pages.numbers[which].mean(0), 2 * pages.numbers[which].std(0) + 1e-6
        table = sparse.hstack([self.sign_table, sparse.csr_matrix((pages.numbers - mean) / spread)]).tocsr()
        worth, kind_bias = softmax(table[which], pages.kinds[which], SIGN_PENALTY)
        signs, numbers = worth[: len(self.signs)], worth[len(self.signs) :] / spread[:, None]
        by_word = {}
        for name, value in zip(self.names, names):
            zone, word = name.split(":", 1)
            by_word.setdefault(word, np.zeros(ZONES))[int(zone)] = value
        return b"".join((
            b"dhgm\x01\0",
            packed(list(by_word), list(by_word.values())),
            packed(self.words, words[:, None]),
            struct.pack("<f", bias),
            packed(self.signs, signs),
            listed(numbers),
            np.asarray(kind_bias - mean @ numbers, dtype="<f4").tobytes(),
        ))


def rows_of(pages, tables, corpus, which):
    """The rows of numbers of the pages of a corpus that are asked for, by the program itself."""
    model, ids, out = pages.work / "partial.model", pages.work / "ids", pages.work / "rows"
    model.write_bytes(tables + listed(np.zeros((0, 2))) + struct.pack("<I", 0))
    ids.write_text("".join(pages.ids[at] + "\n" for at in which))
    subprocess.run([pages.tool, "rows", str(SHARED / "corpora" / corpus), str(model), str(ids), str(out)], check=True)
    return np.fromfile(out, dtype="<f4")


def numbers_by(pages, tables, folds):
    """The rows of all blocks of some folds, at their places; zeros elsewhere."""
    found = None
    for corpus in CORPORA:
        which = [at for at in range(len(pages.ids)) if pages.corpus[at] == corpus and pages.page_fold[at] in folds]
        blocks = np.isin(pages.page, which)
        flat = rows_of(pages, tables, corpus, which).reshape(int(blocks.sum()), -1)
        if found is None:
            found = np.zeros((len(pages.page), flat.shape[1]), np.float32)
        found[blocks] = flat
    return found


def train(pages, rows, left_out):
    """Trees trained on all folds but one."""
    used = pages.used & (pages.fold != left_out)
    data = lightgbm.Dataset(rows[used], pages.target[used], weight=pages.weight[used],
                            feature_name=[f"number_{at}" for at in range(rows.shape[1])])
    return lightgbm.train(BOOSTING, data, ROUNDS)


def judged(pages, chances):
    """For every page: expected F1 of the best choice of blocks, and the F1 that it has."""
    words = np.maximum(pages.words, 0.01)
    sums = np.bincount(pages.group, chances * words) / np.bincount(pages.group, words)
    even = chances + GROUP_SHARE * (sums[pages.group] - chances)
    answers = {}
    for start, end in zip(pages.starts, pages.ends):
        order = np.argsort(-even[start:end], kind="stable") + start
        taken, right = np.cumsum(words[order]), np.cumsum(even[order] * words[order])
        expected = 2 * right / (taken + right[-1])
        best = int(expected.argmax())
        hits, gold = np.cumsum(pages.share[order] * words[order])[best], pages.gold[start]
        nothing = even[order[0]] < 0.3 and taken[best] < 100
        f1 = float(nothing) if gold == 0 else 0.0 if nothing else 2 * hits / (taken[best] + gold)
        answers[pages.page[start]] = (float(expected[best]), float(f1))
    return answers


def calibration(answers):
    """Steps of expected F1 with the F1 that pages have reached, never falling (pool adjacent violators)."""
    pairs = np.array(sorted(answers.values()))
    pools = [[chunk[:, 0].mean(), chunk[:, 1].mean(), len(chunk)] for chunk in np.array_split(pairs, 20)]
    merged = []
    for pool in pools:
        merged.append(pool)
        while len(merged) > 1 and merged[-2][1] > merged[-1][1]:
            late, early = merged.pop(), merged.pop()
            count = early[2] + late[2]
            merged.append([(early[0] * early[2] + late[0] * late[2]) / count,
                           (early[1] * early[2] + late[1] * late[2]) / count, count])
    return [(expected, reached) for expected, reached, _ in merged]


def write_texts(pages, model, fold, name):
    """Lets the program clean the pages of a fold with a model."""
    path, ids = pages.work / f"{name}.model", pages.work / "ids"
    path.write_bytes(model)
    for corpus in CORPORA:
        which = [at for at in range(len(pages.ids)) if pages.corpus[at] == corpus and pages.page_fold[at] == fold]
        ids.write_text("".join(pages.ids[at] + "\n" for at in which))
        out = pages.work / f"texts-{corpus}"
        subprocess.run([pages.tool, "texts", str(SHARED / "corpora" / corpus), str(path), str(ids), str(out)], check=True)
        (out / "confidence.tsv").rename(out / f"confidence-{fold}.tsv")


def named(booster, names):
    """The bytes of the trees, with the program's own names for the numbers."""
    text = trees.export(booster, names)
    return struct.pack("<I", 1) + text


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--tool", required=True)
    arguments.add_argument("--work", required=True, type=pathlib.Path)
    arguments = arguments.parse_args()
    pages = Pages(arguments.tool, arguments.work)
    names = subprocess.run([arguments.tool, "names"], check=True, capture_output=True, text=True).stdout.splitlines()
    tables = Tables(pages)
    print(f"{len(pages.ids)} pages, {len(pages.page)} blocks, {len(names)} numbers, {len(tables.names)} names, "
          f"{len(tables.words)} words, {len(tables.signs)} signs", file=sys.stderr)
    chances, unseen = np.zeros(len(pages.page)), None
    boosters = []
    for fold in range(FOLDS):
        own = numbers_by(pages, tables.fit((fold,)), {fold})
        unseen = own if unseen is None else unseen + own
    for fold in range(FOLDS):
        rows = unseen.copy()
        for other in range(FOLDS):
            if other != fold:
                mine = pages.fold == other
                rows[mine] = numbers_by(pages, tables.fit((fold, other)), {other})[mine]
        booster = train(pages, rows, fold)
        boosters.append(booster)
        test = pages.fold == fold
        chances[test] = booster.predict(rows[test])
        print(f"fold {fold} trained", file=sys.stderr, flush=True)
    answers = judged(pages, chances)
    steps = calibration(answers)
    for corpus in CORPORA:
        scores = [f1 for page, (_, f1) in answers.items() if pages.corpus[page] == corpus]
        print(f"{corpus}: {np.mean(scores):.4f} over blocks, by domains not trained on", flush=True)
    for fold, booster in enumerate(boosters):
        write_texts(pages, tables.fit((fold,)) + listed(steps) + named(booster, names), fold, f"fold-{fold}")
    model = tables.fit(()) + listed(steps) + named(train(pages, unseen, None), names)
    (ROOT / "src/clean/generic/pages.model").write_bytes(model)
    print(f"src/clean/generic/pages.model: {len(model)} bytes, sha256 {hashlib.sha256(model).hexdigest()[:16]}")
    for corpus in CORPORA:
        subprocess.run([sys.executable, "-m", "rig.score", str((pages.work / f"texts-{corpus}").resolve()), "--gold",
                        str(SHARED / "corpora" / corpus)], cwd=SHARED / "score", check=True)


if __name__ == "__main__":
    main()
