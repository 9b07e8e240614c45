#!/usr/bin/python3
"""Probabilities with wrong labels: rows, classes and the path that the files start with.

Recipe: the true label is uniform; with probability 0.10 the given label is another one, uniformly; row logits are
standard normal plus 4 at the true class; softmax in float32. PATH_p.npy, PATH_y.npy (given), PATH_w.npy (is it wrong).
"""
import sys

import numpy as np

rows, classes, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
random = np.random.default_rng(7)
true = random.integers(0, classes, rows)
wrong = random.random(rows) < 0.10
given = np.where(wrong, (true + random.integers(1, classes, rows)) % classes, true)
p = random.standard_normal((rows, classes), dtype=np.float32)
p[np.arange(rows), true] += 4.0
p -= p.max(axis=1, keepdims=True)
np.exp(p, out=p)
p /= p.sum(axis=1, keepdims=True)
np.save(path + "_p.npy", p)
np.save(path + "_y.npy", given.astype(np.int32))
np.save(path + "_w.npy", wrong)
