"""Writes a trained LightGBM booster in the form that src/clean/trees reads.

The form, all numbers little-endian:

    magic          4 bytes, "dhtr"
    version        u16, 1
    features       u16
    trees          u16
    names          for each feature: u8 length, UTF-8
    splits         for each feature: u16 count, then for each split, by rising threshold:
                   threshold f32, tree u16, first leaf u8, leaf after the last u8
                   (the leaves of the tree that are out of reach when the value exceeds the threshold)
    leaves         for each tree: u8 count, then their values as f32, from left to right
    checksum       u64, FNV-1a of everything before it

A row's score is the sum over the trees of the value of the first leaf that stays within reach.
"""

import struct

import numpy as np

MAGIC = b"dhtr"
VERSION = 1
LEAVES_MAX = 32
TREES_MAX = 512
FEATURES_MAX = 512

# What makes two runs of LightGBM give the same trees.
SAME_EVERY_TIME = {
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 1,
    "use_missing": False,
    "verbosity": -1,
}


def fnv(data):
    """The FNV-1a hash of bytes, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def round_down(threshold):
    """The largest f32 that is not above a threshold: a value of f32 is above the one when it is above the other."""
    near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))


def walk(node, leaves, splits):
    """Numbers the leaves of a tree from left to right and collects its splits with the leaves on their left."""
    if "leaf_value" in node:
        leaves.append(node["leaf_value"])
        return
    if node["decision_type"] != "<=" or node["missing_type"] != "None":
        raise ValueError("only numeric features without missing values can be exported")
    first = len(leaves)
    walk(node["left_child"], leaves, splits)
    splits.append((node["split_feature"], round_down(node["threshold"]), first, len(leaves)))
    walk(node["right_child"], leaves, splits)


def export(booster, names=None):
    """The bytes of a booster with a binary objective, its features under names of their own if they are given."""
    model = booster.dump_model()
    names = names or model["feature_names"]
    trees = model["tree_info"]
    if len(trees) > TREES_MAX or len(names) > FEATURES_MAX:
        raise ValueError(f"at most {TREES_MAX} trees and {FEATURES_MAX} features")
    splits = [[] for _ in names]
    values = []
    for number, tree in enumerate(trees):
        leaves, own = [], []
        walk(tree["tree_structure"], leaves, own)
        if len(leaves) > LEAVES_MAX:
            raise ValueError(f"tree {number} has more than {LEAVES_MAX} leaves")
        values.append(leaves)
        for feature, threshold, first, end in own:
            splits[feature].append((threshold, number, first, end))
    out = bytearray(MAGIC + struct.pack("<HHH", VERSION, len(names), len(trees)))
    for name in names:
        encoded = name.encode()
        out += struct.pack("<B", len(encoded)) + encoded
    for group in splits:
        out += struct.pack("<H", len(group))
        for split in sorted(group):
            out += struct.pack("<fHBB", *split)
    for leaves in values:
        out += struct.pack("<B", len(leaves)) + np.asarray(leaves, dtype="<f4").tobytes()
    return bytes(out) + struct.pack("<Q", fnv(out))


def examples(booster, rows):
    """Rows with the scores that LightGBM gives them, as text: a row a line, its score first."""
    rows = np.asarray(rows, dtype=np.float32)
    scores = booster.predict(rows.astype(np.float64), raw_score=True)
    lines = (
        "\t".join([repr(float(score))] + [repr(float(value)) for value in row]) for score, row in zip(scores, rows)
    )
    return "".join(line + "\n" for line in lines)


def small():
    """A small booster over made-up rows, and rows to try it on: what the tests of src/clean/trees read."""
    import lightgbm

    random = np.random.default_rng(1)
    rows = random.normal(size=(4000, 6)).astype(np.float32)
    rows[:, 5] = np.floor(rows[:, 5] * 3)
    target = (rows[:, 0] * rows[:, 1] + rows[:, 5] > random.normal(size=4000)).astype(int)
    parameters = {**SAME_EVERY_TIME, "objective": "binary", "num_leaves": 31, "max_bin": 63}
    data = lightgbm.Dataset(rows, target, feature_name=[f"made-up_{number}" for number in range(6)])
    return lightgbm.train(parameters, data, num_boost_round=20), rows[:50]


if __name__ == "__main__":
    import pathlib

    folder = pathlib.Path(__file__).resolve().parent.parent / "src/clean/trees"
    made, tried = small()
    (folder / "small.trees").write_bytes(export(made))
    (folder / "small.tsv").write_text(examples(made, tried))
