# SPDX-License-Identifier: Apache-2.0
"""Adds to the build what protoc makes of the contract in ../../proto (phasic.v1 and phasic.rpc)."""

import pathlib
import shutil
import subprocess
import sys

from setuptools import setup
from setuptools.command.build_py import build_py

PROTO = pathlib.Path(__file__).resolve().parent.parent.parent / "proto"


def protoc():
    """How to call protoc: with Debian's plugin for gRPC, or by the grpcio-tools package."""
    plugin = shutil.which("grpc_python_plugin")
    if plugin and shutil.which("protoc"):
        return ["protoc", f"--plugin=protoc-gen-grpc={plugin}", "--grpc_out={out}"]
    try:
        import grpc_tools.protoc  # noqa: F401
    except ImportError:
        sys.exit("phasic: needs protoc and grpc_python_plugin (Debian: protobuf-compiler-grpc), or grpcio-tools")
    return [sys.executable, "-m", "grpc_tools.protoc", "--grpc_python_out={out}"]


class BuildWithContract(build_py):
    def run(self):
        if getattr(self, "editable_mode", False):
            sys.exit("phasic: no editable install; build the project and set PYTHONPATH=build/release/python instead")
        super().run()
        protos = sorted(str(path) for path in PROTO.glob("phasic/*/*.proto"))
        if not protos:
            sys.exit(f"phasic: there is no contract in {PROTO}; install from a whole checkout")
        out = str(pathlib.Path(self.build_lib).resolve())
        command = [part.format(out=out) for part in protoc()]
        options = [f"-I{PROTO}", f"--python_out={out}", f"--pyi_out={out}"]
        subprocess.run(command + options + protos, check=True)


setup(cmdclass={"build_py": BuildWithContract})
