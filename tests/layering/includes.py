#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may include whom.

    includes.py ROOT    prints every include that crosses a layer, and every circle; exits 1 if there is any

The tables below are the rules. A new folder needs its line here.
"""

import pathlib
import re
import sys

# Each folder may include itself and those before it; folders in one tuple may not include each other.
CORE_ORDER = [
    ("base",),
    ("model",),
    ("stores",),
    ("populations", "rules", "modulators", "ports", "transmissions"),
    ("circuit",),
    ("presets",),
]
# "" is server/ itself: main, server, config.
SERVER_ORDER = [("base",), ("store",), ("agents",), ("convert",), ("handlers",), ("wire",), ("",)]

# The command line stands on the library.
CLIENT_ORDER = [("cpp",), ("cli",)]

# The trees that a tree may include, besides itself. Tests may include everything.
TREES = {"core": (), "server": ("core",), "client": ()}

PROTO = re.compile(r".*\.pb\.h|google/protobuf/.*")
GRPC = re.compile(r"grpc(pp|\+\+)?/.*|.*\.grpc\.pb\.h")

# What no file of a folder may include, and why.
FORBIDDEN = {
    "core": [
        (PROTO, "core knows no proto"),
        (GRPC, "core knows no gRPC"),
        (
            re.compile(
                r"thread|mutex|shared_mutex|condition_variable|future|stop_token|semaphore|latch"
                r"|barrier|pthread\.h|threads\.h|absl/synchronization/.*"
            ),
            "core knows no threads",
        ),
        (re.compile(r"chrono|ctime|time\.h|sys/time\.h|absl/time/.*"), "core knows no clock"),
        (
            re.compile(r"fstream|filesystem|fcntl\.h|unistd\.h|dirent\.h|sys/stat\.h|sys/mman\.h"),
            "core knows no files",
        ),
        (re.compile(r"random|absl/random/.*"), "core's only random numbers are core/base/philox.h"),
    ],
    "server/base": [(PROTO, "base knows no proto"), (GRPC, "base knows no gRPC")],
    "server/store": [
        (PROTO, "the store knows no proto"),
        (GRPC, "the store knows no gRPC"),
        (re.compile(r"core/(?!base/).*"), "of core the store knows only base"),
    ],
    "server/agents": [(PROTO, "agents know no proto"), (GRPC, "agents know no gRPC")],
    "server/convert": [(GRPC, "only wire and above know gRPC")],
    "server/handlers": [(GRPC, "only wire and above know gRPC")],
    "client/cli": [(GRPC, "the library makes the calls")],
}

# Their bits differ by CPU; core/base/math.h has its own.
LIBM = (
    "exp exp2 expm1 log log2 log10 log1p pow cbrt hypot sin cos sincos tan asin acos atan atan2"
    " sinh cosh tanh asinh acosh atanh erf erfc lgamma tgamma"
).split()
LIBM_CALL = re.compile(r"(?<![\w>])(?:std)?::(%s)[fl]?\s*\(" % "|".join(LIBM))

SOURCE = {".h", ".cc", ".cpp", ".hpp", ".inc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def _sources(root, tree):
    for path in sorted((root / tree).rglob("*")):
        if path.suffix in SOURCE and path.is_file():
            yield path.relative_to(root)


def _includes(text):
    """Yields (line number, header, whether quoted)."""
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(2), match.group(1) == '"'


def _rank(order, folder):
    for rank, folders in enumerate(order):
        if folder in folders:
            return rank
    return None


def _room(path):
    """The folder of a tree that a path is in: "base" of core/base/math.h, "" of server/main.cc."""
    return path.parts[1] if len(path.parts) > 2 else ""


def _order_fault(tree, order, source, target):
    here, there = _room(source), _room(target)
    for folder in (here, there):
        if _rank(order, folder) is None:
            return f"{tree}/{folder} has no place in the order of {tree}"
    if here != there and _rank(order, there) >= _rank(order, here):
        return f"{tree}/{here} is not above {tree}/{there}"
    return None


def _fault(root, source, header, quoted):
    """Why `source` may not include `header`, or None."""
    for folder, rules in FORBIDDEN.items():
        if source.is_relative_to(folder):
            for pattern, reason in rules:
                if pattern.fullmatch(header):
                    return reason
    target = pathlib.PurePosixPath(header)
    tree = source.parts[0]
    if target.parts[0] not in (*TREES, "tests"):
        if quoted and ("/" not in header or (root / source.parent / header).is_file()):
            return "includes are written from the root of the repository"
        return None
    if not (root / target).is_file():
        return "there is no such file"
    if tree not in TREES:
        return None
    if target.parts[0] != tree:
        if target.parts[0] not in TREES[tree]:
            return f"{tree} knows no {target.parts[0]}"
        return None
    orders = {"core": CORE_ORDER, "server": SERVER_ORDER, "client": CLIENT_ORDER}
    return _order_fault(tree, orders[tree], source, target)


def _circles(graph):
    """Every circle that a depth-first walk of the include graph closes, as a list of paths."""
    done, circles = set(), []

    def visit(path, trail):
        if path in trail:
            circles.append(trail[trail.index(path) :] + [path])
        elif path not in done:
            for target in graph.get(path, ()):
                visit(target, trail + [path])
            done.add(path)

    for path in sorted(graph):
        visit(path, [])
    return circles


def check(root):
    """All faults of the tree at `root`, as lines."""
    faults, graph = [], {}
    for tree in (*TREES, "tests"):
        for source in _sources(root, tree):
            text = (root / source).read_text()
            graph[str(source)] = []
            for number, header, quoted in _includes(text):
                fault = _fault(root, source, header, quoted)
                if fault:
                    faults.append(f"{source}:{number}: includes {header}: {fault}")
                if quoted:
                    graph[str(source)].append(header)
            if tree == "core":
                for number, line in enumerate(text.splitlines(), 1):
                    call = LIBM_CALL.search(line.split("//")[0])
                    if call:
                        faults.append(
                            f"{source}:{number}: calls {call.group(1)}: core calls no libm"
                            " transcendental, use core/base/math.h"
                        )
    faults += ["circle: " + " -> ".join(circle) for circle in _circles(graph)]
    return faults


def main():
    root = pathlib.Path(sys.argv[1])
    faults = check(root)
    for fault in faults:
        print(fault)
    if not any(_sources(root, "core")):
        print(f"{root} has no core: nothing was checked")
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
