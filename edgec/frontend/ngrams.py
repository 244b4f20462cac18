"""Counts of n-grams in sequences of integers."""

import numpy as np

from edgec.frontend.node import Node
from edgec.frontend.registry import onnx_op
from edgec.ir import Value
from edgec.ir.ops import TfIdf


@onnx_op("TfIdfVectorizer")
def _tf_idf_vectorizer(node: Node) -> Value:
    pool, places = node.integers("pool_int64s"), node.integers("ngram_indexes")
    starts, mode = node.integers("ngram_counts"), node.string("mode", "TF")
    if pool is None or not places or not starts:
        raise node.error("has no pool of integers", "only integers are counted: map strings to them beforehand")
    if mode not in ("TF", "IDF", "TFIDF") or min(places) < 0:
        raise node.error(f"its mode is {mode!r}, its places {min(places)} and more", "export the model again")
    shortest, longest = node.integer("min_gram_length", 1), node.integer("max_gram_length", 1)
    grams: list[int] = []
    counts: list[int] = []
    chosen: list[int] = []
    number = 0
    for length, (start, end) in enumerate(zip(starts, (*starts[1:], len(pool)), strict=True), 1):
        if start > end or (end - start) % length:
            raise node.error(f"{end - start} elements are not {length}-grams", "check ngram_counts")
        count = (end - start) // length
        if shortest <= length <= longest:
            grams += pool[start:end]
            counts.append(count)
            chosen += places[number : number + count]
        number += count
    if number != len(places) or not grams:
        raise node.error(f"names {len(places)} places for {number} n-grams", "check ngram_indexes and the lengths")
    given = node.attributes.get("weights")
    outputs = max(places) + 1
    weights = None
    if given and mode != "TF":
        # They are given for each n-gram of the whole pool, and used for each place.
        if len(given) != len(places) or len({*places}) != len(places):
            raise node.error(
                f"has {len(given)} weights for {len(places)} n-grams at {len({*places})} places",
                "give one for each n-gram, and each a place of its own",
            )
        scale = np.ones(outputs, np.float32)
        scale[list(places)] = given
        weights = node.const(scale, "weights")
    known = node.const(np.array(grams, np.int64), "pool"), node.const(np.array(chosen, np.int32), "places")
    skips = node.integer("max_skip_count", 0)
    op = TfIdf(node.value(0), *known, weights, outputs, shortest, tuple(counts), skips, binary=mode == "IDF")
    return node.emit(op)
