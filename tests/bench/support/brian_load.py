#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The network of the preset distal-reward in Brian2's C++ standalone mode, as a load of process_load.h: the steps that
its program has done, and the seconds that it says they took, without building the network."""

import pathlib
import subprocess
import sys
import tempfile

import brian2 as b2

STEPS = 2_000
EXCITATORY, INHIBITORY, DEGREE = 800, 200, 100

NEURONS = """
v : 1
u : 1
drive : 1
a : 1 (constant)
d : 1 (constant)
fired : 1
"""
EACH_MS = """
rest = 140 - u + drive + 6.5 * (2 * rand() - 1)
v += 0.5 * ((0.04 * v + 5) * v + rest)
v += 0.5 * ((0.04 * v + 5) * v + rest)
u += a * (0.2 * v - u)
drive = 0
"""
SYNAPSES = """
w : 1
c : 1
phasic : 1 (shared)
dp_plus/dt = -p_plus / (20 * ms) : 1 (event-driven)
dp_minus/dt = -p_minus / (20 * ms) : 1 (event-driven)
"""
# In one pass; a state updater of Brian's own would make several.
LEARN = """
phasic *= exp(-1.0 / 200)
w = clip(w + 0.1 * (phasic + 0.002) * c, 0, 4)
c *= exp(-1.0 / 1000)
"""


def pairs(sources, targets, degree, draw):
    """Of each source with so many targets drawn for it, none of which is the source itself."""
    found = []
    for source in sources:
        others = [target for target in targets if target != source]
        found += [(source, target) for target in sorted(draw.choice(others, degree, replace=False))]
    return found


def build(folder, seed):
    """Builds the program, and runs it once; returns the mean rate in Hz."""
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.prefs.core.default_float_dtype = b2.float32
    b2.defaultclock.dt = 1 * b2.ms
    b2.seed(seed)
    neurons = b2.NeuronGroup(
        EXCITATORY + INHIBITORY, NEURONS, threshold="v >= 30", reset="v = -65; u += d; fired += 1"
    )
    neurons.run_regularly(EACH_MS, when="groups")
    neurons.v, neurons.u = -65, -13
    neurons.a[:EXCITATORY], neurons.d[:EXCITATORY] = 0.02, 8  # regular spiking
    neurons.a[EXCITATORY:], neurons.d[EXCITATORY:] = 0.1, 2  # fast spiking
    learning = b2.Synapses(
        neurons[:EXCITATORY],
        neurons,
        SYNAPSES,
        on_pre="drive_post += w; p_plus += 0.1; c += p_minus",
        on_post="p_minus -= 0.15; c += p_plus",
        delay={"pre": 1 * b2.ms},
    )
    draw = b2.np.random.default_rng(seed)
    within = DEGREE * EXCITATORY // (EXCITATORY + INHIBITORY)
    first, second = range(EXCITATORY), range(EXCITATORY, EXCITATORY + INHIBITORY)
    i, j = zip(*pairs(first, first, within, draw), *pairs(first, second, DEGREE - within, draw))
    learning.connect(i=i, j=j)
    learning.w = 1
    learning.run_regularly(LEARN, when="end")
    learning.run_regularly("phasic += 0.5", dt=1 * b2.second, when="end", order=1)
    fixed = b2.Synapses(neurons, neurons, on_pre="drive_post -= 1", delay=1 * b2.ms)
    i, j = zip(*pairs(second, first, DEGREE, draw))
    fixed.connect(i=i, j=j)
    b2.run(STEPS * b2.ms)
    b2.device.build(directory=folder, compile=True, run=True)
    return b2.np.sum(neurons.fired[:]) / (EXCITATORY + INHIBITORY) / (STEPS / 1000)


def main():
    seed = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        print(f"Brian2 {b2.__version__}: mean rate {build(folder, seed):.2f} Hz", file=sys.stderr)
        for _ in sys.stdin:
            subprocess.run([pathlib.Path(folder) / "main"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            seconds, _ = (pathlib.Path(folder) / "results" / "last_run_info.txt").read_text().split()
            print(STEPS, seconds, flush=True)


if __name__ == "__main__":
    main()
