# SPDX-License-Identifier: Apache-2.0
"""On what a measurement ran."""

import os
import pathlib
import platform


def describe():
    """Processor, cores, instruction set and kernel, in a few words."""
    info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    fields = {}
    for line in info.splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    flags = set(fields.get("flags", "").split())
    isa = "x86-64-v3" if {"avx2", "fma", "bmi2"} <= flags else "x86-64"
    if "avx512f" in flags:
        isa += " with AVX-512"
    model = " ".join(fields.get("model name", platform.machine()).split())
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {isa}, {platform.system()} {platform.release()}"
