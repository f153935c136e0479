#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That the layering checks catch what they are for: each plants one violation in a tree of its own."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import includes
import symbols


class IncludesTest(unittest.TestCase):
    # A tree without fault, which uses every arrow that is allowed.
    CLEAN = {
        "core/base/math.h": "#include <cmath>\n",
        "core/model/rule.h": '#include "core/base/math.h"\n',
        "core/stores/dense.h": '#include "core/model/rule.h"\n#include "core/base/math.h"\n',
        "core/rules/reinforce.cc": '#include "core/stores/dense.h"\n#include "core/rules/table.h"\n',
        "core/rules/table.h": '#include "core/model/rule.h"\n',
        "core/ports/index.cc": "#include <Eigen/Core>\n",
        "core/circuit/tick.cc": '#include "core/rules/table.h"\nreturn std::sqrt(math::Exp(x));\n',
        "core/presets/bandit.cc": '#include "core/circuit/spec.h"\n',
        "core/circuit/spec.h": "#include <string>\n",
        "server/agents/registry.h": '#include "core/circuit/spec.h"\n#include <mutex>\n',
        "server/convert/spec.h": '#include "phasic/v1/circuit.pb.h"\n',
        "server/handlers/agents.cc": '#include "server/convert/spec.h"\n',
        "server/wire/service.h": "#include <grpcpp/grpcpp.h>\n",
        "server/main.cc": '#include "server/wire/service.h"\n#include "server/config.h"\n',
        "server/config.h": "#include <string>\n",
        "client/cpp/client.h": '#include "phasic/v1/agent_service.grpc.pb.h"\n',
        "client/cli/main.cc": '#include "client/cpp/client.h"\n#include "phasic/v1/agent.pb.h"\n',
        "tests/core/tick_test.cc": '#include "core/circuit/spec.h"\n#include <thread>\n',
    }

    def check(self, changes):
        """The faults of the clean tree with these files changed."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in {**self.CLEAN, **changes}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            return includes.check(root)

    def assert_fault(self, path, text, reason):
        faults = self.check({path: text})
        self.assertEqual(len(faults), 1, faults)
        self.assertTrue(faults[0].startswith(f"{path}:"), faults)
        self.assertIn(reason, faults[0])

    def test_clean_tree_has_no_fault(self):
        self.assertEqual(self.check({}), [])

    def test_core_knows_only_itself(self):
        for header, reason in [
            ('"phasic/v1/agent.pb.h"', "no proto"),
            ("<google/protobuf/message.h>", "no proto"),
            ("<grpcpp/grpcpp.h>", "no gRPC"),
            ('"server/config.h"', "core knows no server"),
            ('"client/cli/main.cc"', "core knows no client"),
            ('"tests/core/tick_test.cc"', "core knows no tests"),
            ("<thread>", "no threads"),
            ("<mutex>", "no threads"),
            ("<chrono>", "no clock"),
            ("<ctime>", "no clock"),
            ("<fstream>", "no files"),
            ("<random>", "philox"),
        ]:
            with self.subTest(header):
                self.assert_fault("core/base/new.h", f"// A new file.\n#include {header}\n", reason)

    def test_core_folders_have_an_order(self):
        for path, header in [
            ("core/base/new.h", "core/model/rule.h"),
            ("core/model/new.h", "core/stores/dense.h"),
            ("core/stores/new.h", "core/rules/table.h"),
            ("core/ports/new.h", "core/rules/table.h"),
            ("core/rules/new.h", "core/circuit/spec.h"),
            ("core/circuit/new.h", "core/presets/bandit.cc"),
        ]:
            with self.subTest(path):
                self.assert_fault(path, f'#include "{header}"\n', "is not above")

    def test_a_folder_without_a_place_is_a_fault(self):
        self.assert_fault("core/new/new.h", '#include "core/base/math.h"\n', "has no place")
        self.assert_fault("core/new.h", '#include "core/base/math.h"\n', "has no place")

    def test_server_folders_have_an_order(self):
        for path, header in [
            ("server/agents/new.h", "server/convert/spec.h"),
            ("server/convert/new.h", "server/handlers/agents.cc"),
            ("server/handlers/new.h", "server/wire/service.h"),
            ("server/wire/new.h", "server/config.h"),
        ]:
            with self.subTest(path):
                self.assert_fault(path, f'#include "{header}"\n', "is not above")

    def test_server_keeps_proto_and_grpc_in_their_rooms(self):
        for path, header, reason in [
            ("server/agents/new.h", '"phasic/v1/agent.pb.h"', "agents know no proto"),
            ("server/agents/new.h", "<grpcpp/server.h>", "agents know no gRPC"),
            ("server/convert/new.h", "<grpcpp/server.h>", "only wire"),
            ("server/handlers/new.h", "<grpcpp/support/status.h>", "only wire"),
            ("server/handlers/new.h", '"phasic/v1/agent_service.grpc.pb.h"', "only wire"),
        ]:
            with self.subTest(path + header):
                self.assert_fault(path, f"#include {header}\n", reason)

    def test_client_knows_only_the_contract(self):
        self.assert_fault("client/cli/new.h", '#include "core/base/math.h"\n', "knows no core")
        self.assert_fault("client/cli/new.h", '#include "server/config.h"\n', "knows no server")

    def test_only_the_library_makes_calls(self):
        self.assert_fault("client/cli/new.h", "#include <grpcpp/grpcpp.h>\n", "the library makes the calls")
        self.assert_fault("client/cpp/new.h", '#include "client/cli/main.cc"\n', "client/cpp is not above client/cli")

    def test_includes_are_written_from_the_root(self):
        self.assert_fault("core/base/new.h", '#include "math.h"\n', "from the root")
        self.assert_fault("core/new.h", '#include "base/math.h"\n', "from the root")
        self.assertEqual(self.check({"core/base/a.h": '#include "absl/status/status.h"\n'}), [])
        self.assert_fault("core/base/new.h", '#include "core/base/none.h"\n', "no such file")

    def test_a_circle_is_a_fault(self):
        faults = self.check(
            {
                "core/base/a.h": '#include "core/base/b.h"\n',
                "core/base/b.h": '#include "core/base/c.h"\n',
                "core/base/c.h": '#include "core/base/a.h"\n',
            }
        )
        self.assertEqual(
            faults, ["circle: core/base/a.h -> core/base/b.h -> core/base/c.h -> core/base/a.h"]
        )

    def test_core_calls_no_libm_transcendental(self):
        for call in ["std::exp(x)", "::powf (x, y)", "1 + std::tanh(x)", "std::log1p(x)"]:
            with self.subTest(call):
                self.assert_fault("core/base/new.cc", f"y = {call};\n", "libm")
        for text in ["y = Exp(x);", "y = math::exp(x);", "// std::exp(x) differs", "std::floor(x)"]:
            with self.subTest(text):
                self.assertEqual(self.check({"core/base/new.cc": text + "\n"}), [])


class SymbolsTest(unittest.TestCase):
    def library(self, folder, body):
        """A static library with one function of a double x and a float y."""
        source, obj, library = (f"{folder}/planted.{end}" for end in ("cc", "o", "a"))
        pathlib.Path(source).write_text(
            f"#include <cmath>\ndouble Planted(double x, float y) {{ return {body} + y; }}\n"
        )
        subprocess.run(
            [os.environ.get("CXX", "c++"), "-O2", "-c", source, "-o", obj], check=True
        )
        subprocess.run(["ar", "rcs", library, obj], check=True)
        return library

    def test_transcendentals_are_caught(self):
        for body, symbol in [
            ("std::exp(x)", "exp"),
            ("std::exp(y)", "expf"),
            ("std::pow(x, x)", "pow"),
            ("std::tanh(y)", "tanhf"),
            ("std::sin(static_cast<long double>(x))", "sinl"),
        ]:
            with self.subTest(body), tempfile.TemporaryDirectory() as folder:
                faults = symbols.check(self.library(folder, body))
                self.assertEqual(faults, [("planted.o", symbol)])

    def test_exact_functions_are_allowed(self):
        for body in ["std::sqrt(x)", "std::floor(x)", "std::rint(y)", "std::ceil(x)"]:
            with self.subTest(body), tempfile.TemporaryDirectory() as folder:
                self.assertEqual(symbols.check(self.library(folder, body)), [])

    def test_vector_and_finite_variants_are_caught(self):
        for symbol in ["_ZGVdN4v_exp", "__exp_finite", "sincosf", "lgammaf", "atan2l"]:
            self.assertTrue(symbols.FORBIDDEN.fullmatch(symbol), symbol)
        for symbol in ["sqrt", "_ZN6phasic3ExpEf", "rintf", "explain", "fmod"]:
            self.assertFalse(symbols.FORBIDDEN.fullmatch(symbol), symbol)


if __name__ == "__main__":
    unittest.main()
