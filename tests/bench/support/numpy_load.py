#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A learning step in NumPy, as one would write it, as a load of process_load.h.

    numpy_load.py N    steps of an N -> N projection, with a reward of 1 at each
"""

import math
import sys
import time

import numpy as np

RATE, BOUND, DECAY = 1e-6, 1.0, math.exp(-0.1)


def main():
    n = int(sys.argv[1])
    x = np.sin(1 + np.arange(n, dtype=np.float32))
    w = np.random.default_rng(1).normal(0, 1 / math.sqrt(n), (n, n)).astype(np.float32)
    e = np.zeros((n, n), np.float32)
    for line in sys.stdin:
        end = time.monotonic() + float(line)
        steps = 0
        while steps == 0 or time.monotonic() < end:
            w = np.clip(w + RATE * e, -BOUND, BOUND)
            y = w @ x
            e = DECAY * e + np.outer(y, x)
            steps += 1
        assert w.dtype == e.dtype == np.float32
        print(steps, flush=True)


if __name__ == "__main__":
    main()
