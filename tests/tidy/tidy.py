#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over every source of ours that a build compiles.

    tidy.py BUILD    prints what clang-tidy finds; exits 1 if there is anything

clang-tidy walks through all that a source includes, and gRPC's headers take far longer than our sources. So sources that are
compiled alike are read together, as one file that includes them; names that two of them have for themselves are told apart by
macros; a source that still does not compile beside the others goes into another file. A source that is compiled twice is read
once.
"""

import concurrent.futures
import functools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TREES = ("core", "server", "client", "tests")

FINDING = re.compile(r"^(?P<file>/[^:]+):\d+:\d+: (error|warning): ")
ERROR = re.compile(r"^(?P<file>/[^:]+):(?P<line>\d+):(?P<column>\d+): (fatal )?error: (?P<what>.*)", re.MULTILINE)
INCLUDE = re.compile(r"^#include .*$", re.MULTILINE)
WORD = re.compile(r"\w+")
# More would be read no faster, but the processors would not share them evenly.
MOST_SOURCES = 40
# A name that clashes may hide another.
ROUNDS = 6


def sources_by_command(build, trees):
    """{(folder, compiler and options): [source]}; each source once."""
    groups, seen = {}, set()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = entry["file"]
        if source in seen or not source.startswith(tuple(f"{tree}/" for tree in trees)):
            continue
        seen.add(source)
        words = shlex.split(entry["command"])
        for option in ("-o", "-c"):
            at = words.index(option)
            del words[at : at + 2]
        groups.setdefault((entry["directory"], *words), []).append(source)
    return groups


class Batch:
    """Sources that are read as one."""

    def __init__(self, path, command, sources):
        self.path, self.command, self.sources = path, command, sources
        self.renamed = {source: set() for source in sources}
        self.write()

    def write(self):
        # All that they include comes first, so that no header is read under another's macros.
        lines = []
        if len(self.sources) > 1:
            for source in self.sources:
                lines += [x for x in INCLUDE.findall(text_of(source)) if x not in lines]
        for i, source in enumerate(self.sources):
            names = sorted(self.renamed[source])
            lines += [f"#define {name} {name}Of{i}" for name in names]
            lines.append(f'#include "{source}"')
            lines += [f"#undef {name}" for name in names]
        self.path.write_text("\n".join(["// NOLINTBEGIN", *lines, "// NOLINTEND", ""]))

    def entry(self):
        folder, *words = self.command
        # What shadows another source's names shadows nothing; the build looks for what does.
        command = shlex.join([*words, "-Wno-shadow", "-c", str(self.path)])
        return {"directory": folder, "file": str(self.path), "command": command}

    def errors(self):
        """None when it compiles; else [(source, the name that the error is about)], with "" for other files."""
        folder, *words = self.command
        check = [*words, "-w", "-fsyntax-only", "-ferror-limit=0", "-fno-color-diagnostics", str(self.path)]
        done = subprocess.run(check, cwd=folder, capture_output=True, encoding="utf-8", errors="replace")
        if not done.returncode:
            return None
        return [(m["file"] if m["file"] in self.renamed else "", name_at(m)) for m in ERROR.finditer(done.stderr)]

    def settle(self):
        """Tells apart what clashes. Returns the sources that do not compile after those before them even so."""
        for _ in range(ROUNDS):
            errors = self.errors()
            if errors is None or len(self.sources) == 1:
                return []
            clashing = {(source, name) for source, name in errors if source and name and name not in self.renamed[source]}
            if not clashing:
                break
            for source, name in clashing:
                self.renamed[source].add(name)
            # Of functions the compiler tells but the first that clashes.
            for name in {name for _, name in clashing}:
                for source in [s for s in self.sources if defines(s, name)][1:]:
                    self.renamed[source].add(name)
            self.write()
        wrong = {source for source, _ in errors}
        # An error in what they include may be anyone's.
        return [s for s in self.sources if s in wrong] or self.sources[len(self.sources) // 2 :]


@functools.cache
def text_of(source):
    return pathlib.Path(source).read_text()


def defines(source, name):
    """Whether it seems to: a definition of its own begins at the margin."""
    return re.search(rf"^[A-Za-z][^=;#/]*\b{name}\b", text_of(source), re.MULTILINE) is not None


def name_at(error):
    """The name that two definitions share, or ""."""
    if not re.match("redefinition of |(call|reference) to .* is ambiguous|functions that differ only in", error["what"]):
        return ""
    line = text_of(error["file"]).splitlines()[int(error["line"]) - 1]
    name = WORD.match(line, int(error["column"]) - 1)
    return name[0] if name else ""


def batches(folder, number, command, sources):
    """Batches of the sources, each of which compiles unless it is of one source that does not."""
    result = []
    parts = -(-len(sources) // MOST_SOURCES)
    groups = [sources[i::parts] for i in range(parts)]
    while groups:
        together, apart = groups.pop(), []
        while True:
            batch = Batch(folder / f"{number}_{len(result)}.cc", command, together)
            misfits = batch.settle()
            if not misfits:
                break
            apart += misfits
            together = [source for source in together if source not in misfits] or [apart.pop(0)]
        result.append(batch)
        groups += [apart] if apart else []
    return result


def findings(text):
    """Each finding in clang-tidy's output, with the lines below that belong to it."""
    result = []
    for line in text.splitlines(keepends=True):
        if FINDING.match(line):
            result.append("")
        if result:
            result[-1] += line
    return result


def tidy(folder, trees, batch):
    headers = "^(" + "|".join(re.escape(str(tree)) for tree in trees) + ")/"
    command = ["clang-tidy-14", "--quiet", f"--config-file={ROOT}/.clang-tidy", f"--header-filter={headers}", "-p", folder]
    done = subprocess.run([*command, batch.path], capture_output=True, encoding="utf-8", errors="replace")
    found = findings(done.stdout)
    if done.returncode and not found:
        raise RuntimeError(f"clang-tidy-14 {batch.path}: exit code {done.returncode}\n{done.stderr}")
    return found


def check(build, trees, progress=lambda line: None):
    """The findings in what is below `trees`, each once."""
    folder = build.resolve() / "batches"
    folder.mkdir(exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        groups = sources_by_command(build, trees)
        made = [pool.submit(batches, folder, i, command, groups[command]) for i, command in enumerate(groups)]
        todo = sorted((batch for future in made for batch in future.result()), key=lambda b: len(b.sources), reverse=True)
        (folder / "compile_commands.json").write_text(json.dumps([batch.entry() for batch in todo]))
        progress(f"{sum(len(batch.sources) for batch in todo)} sources in {len(todo)} batches")
        found = {}
        read = {pool.submit(tidy, folder, trees, batch): batch for batch in todo}
        for done, future in enumerate(concurrent.futures.as_completed(read), 1):
            found.update(dict.fromkeys(future.result()))
            progress(f"[{done}/{len(todo)}] {', '.join(os.path.relpath(s, ROOT) for s in read[future].sources)}")
    return sorted(found)


def main():
    trees = [ROOT / tree for tree in TREES]
    found = check(pathlib.Path(sys.argv[1]), trees, lambda line: print(line, flush=True))
    print("".join(found), end="")
    print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
