#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That core calls no libm transcendental.

    symbols.py LIBRARY...    prints every such symbol that a static library needs; exits 1 if there is any

glibc picks other variants of these functions, with other bits, by the CPU it runs on. sqrt, floor, ceil, rint and the
like are exact and so allowed.
"""

import re
import subprocess
import sys

from includes import LIBM

# Also as glibc's finite variants (__exp_finite) and its vector ones (_ZGVdN4v_exp).
FORBIDDEN = re.compile(r"(_ZGV\w+_|__)?(%s)(f|l|f32|f64|f128)?(_finite)?" % "|".join(LIBM))


def check(library):
    """(object file, symbol) of every forbidden symbol that `library` needs."""
    faults, member = [], library
    listing = subprocess.run(
        ["nm", "--undefined-only", library], check=True, capture_output=True, text=True
    ).stdout
    for line in listing.splitlines():
        if line.endswith(":"):
            member = line[:-1]
        elif line.strip():
            symbol = line.split()[-1]
            if FORBIDDEN.fullmatch(symbol):
                faults.append((member, symbol))
    return faults


def main():
    faults = [(library, *fault) for library in sys.argv[1:] for fault in check(library)]
    for library, member, symbol in faults:
        print(f"{library}: {member} calls {symbol}: use core/base/math.h")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
