# SPDX-License-Identifier: Apache-2.0
"""The table of cases: what a driver does with it whatever its language. README.md says the format."""

import json
import secrets


class Mismatch(Exception):
    """A reply is not what the table expects."""


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)["cases"]


def run(cases, perform, skip=(), report=print):
    """Play every case and report a line for each; returns how many failed.

    Args:
        perform: `perform(op, arguments, prefix)` -> ("reply", value) or ("error", value), both in the table's words.
        skip: tags; cases that need one of them are left out.
    """
    failed = 0
    for number, case in enumerate(cases):
        missing = sorted(set(case.get("needs", ())) & set(skip))
        if missing:
            report(f"skip {case['name']}: needs {', '.join(missing)}")
            continue
        try:
            play(case, perform, f"c{number}-{secrets.token_hex(4)}-")
        except Mismatch as why:
            failed += 1
            report(f"FAIL {case['name']}: {why}")
        except Exception as fault:  # noqa: BLE001 - whatever breaks a case, the others are played
            failed += 1
            report(f"FAIL {case['name']}: {fault!r}")
        else:
            report(f"ok {case['name']}")
    return failed


def play(case, perform, prefix):
    """Make the case's calls in their order, or raise Mismatch at the first that answers otherwise than expected."""
    variables = {"prefix": prefix}
    for number, call in enumerate(case["calls"]):
        given = {key: value for key, value in call.items() if key not in ("op", "expect", "error", "bind")}
        place = f"call {number} ({call['op']})"
        kind, answer = perform(call["op"], fill_in(given, variables), prefix)
        wanted = "error" if "error" in call else "reply"
        if kind != wanted:
            raise Mismatch(f"{place}: {kind} {json.dumps(answer)}, but expected {wanted}")
        match(fill_in(call.get("error", call.get("expect", {})), variables), answer, place)
        for name, path in call.get("bind", {}).items():
            variables[name] = walk(answer, path, place)


def fill_in(value, variables):
    """The value with every "{name}" replaced: by the variable itself where it is the whole text, else by its text."""
    if isinstance(value, str):
        for name, replacement in variables.items():
            if value == f"{{{name}}}":
                return replacement
            value = value.replace(f"{{{name}}}", str(replacement))
        return value
    if isinstance(value, list):
        return [fill_in(item, variables) for item in value]
    if isinstance(value, dict):
        return {key: fill_in(item, variables) for key, item in value.items()}
    return value


def walk(value, path, place):
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            raise Mismatch(f"{place}: there is no {path} in {json.dumps(value)}") from None
    return value


def match(wanted, got, place):
    """Raise Mismatch unless `got` is what `wanted` describes: objects may have more, all else must be equal."""
    if isinstance(wanted, dict):
        special = next((key for key in wanted if key.startswith("$")), None)
        if special is not None:
            _SPECIAL[special](wanted[special], got, place)
            return
        if not isinstance(got, dict):
            raise Mismatch(f"{place}: {json.dumps(got)}, but expected an object")
        for key, value in wanted.items():
            match(value, got.get(key), f"{place}.{key}")
    elif isinstance(wanted, list):
        if not isinstance(got, list) or len(got) != len(wanted):
            raise Mismatch(f"{place}: {json.dumps(got)}, but expected {json.dumps(wanted)}")
        for index, value in enumerate(wanted):
            match(value, got[index], f"{place}[{index}]")
    elif type(wanted) is bool or type(got) is bool:
        if wanted is not got:
            raise Mismatch(f"{place}: {json.dumps(got)}, but expected {json.dumps(wanted)}")
    elif wanted != got:
        raise Mismatch(f"{place}: {json.dumps(got)}, but expected {json.dumps(wanted)}")


def _matches(wanted, got):
    try:
        match(wanted, got, "")
    except Mismatch:
        return False
    return True


def _not(unwanted, got, place):
    if _matches(unwanted, got):
        raise Mismatch(f"{place}: {json.dumps(got)}, but expected anything else")


def _length(length, got, place):
    if not isinstance(got, list) or len(got) != length:
        raise Mismatch(f"{place}: {json.dumps(got)}, but expected {length} elements")


def _contains(wanted, got, place):
    for one in wanted:
        if not isinstance(got, list) or not any(_matches(one, item) for item in got):
            raise Mismatch(f"{place}: {json.dumps(got)} has no {json.dumps(one)}")


_SPECIAL = {"$not": _not, "$length": _length, "$contains": _contains}
