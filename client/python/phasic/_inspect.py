# SPDX-License-Identifier: Apache-2.0
"""Puts together the messages of an Inspect answer."""

from __future__ import annotations

from typing import Dict, List

import numpy as np

from phasic._convert import dtype_of
from phasic.info import Summary, Variable
from phasic.v1 import agent_service_pb2 as service_pb2


class Assembler:
    """Takes the messages in their order and gives the variables that they make up."""

    def __init__(self, summary_only: bool) -> None:
        self._summary_only = summary_only
        self._parts: Dict[str, List[service_pb2.InspectResponse]] = {}

    def add(self, part: service_pb2.InspectResponse) -> None:
        self._parts.setdefault(f"{part.component}.{part.variable}", []).append(part)

    def variables(self) -> Dict[str, Variable]:
        return {name: self._variable(parts) for name, parts in self._parts.items()}

    def _variable(self, parts: List[service_pb2.InspectResponse]) -> Variable:
        first = parts[0]
        shape = tuple(first.shape)
        data = None
        if not self._summary_only:
            data = np.frombuffer(b"".join(part.data for part in parts), dtype_of(first.dtype)).copy()
            if data.size == int(np.prod(shape)):
                data = data.reshape(shape)
        return Variable(
            component=first.component,
            variable=first.variable,
            unit=first.unit,
            life=first.life,
            shape=shape,
            summary=Summary.from_proto(first.summary),
            step=first.step,
            offset=first.offset,
            data=data,
        )
