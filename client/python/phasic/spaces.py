# SPDX-License-Identifier: Apache-2.0
"""Spaces: what may enter or leave a port, in the words of reinforcement learning.

`Discrete`, `MultiDiscrete`, `MultiBinary` and `Box` have the attributes of the Gymnasium spaces of the same names (`n`,
`nvec`, `start`, `shape`, `low`, `high`, `dtype`, `sample()`, `contains()`, `seed()`), and wherever a space is asked for,
Gymnasium's own will do.
"""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt

from phasic.v1 import space_pb2

# Bounds beyond this are Gymnasium's way to say "none".
_UNBOUNDED = float(np.finfo(np.float32).max)


class _Space:
    """What they have in common: a generator of their own for samples."""

    shape: Tuple[int, ...]
    dtype: np.dtype[Any]

    def __init__(self, seed: Optional[int]) -> None:
        self._generator: Optional[np.random.Generator] = None
        self._seed = seed

    @property
    def np_random(self) -> np.random.Generator:
        """Where samples come from."""
        if self._generator is None:
            self._generator = np.random.default_rng(self._seed)
        return self._generator

    def seed(self, seed: Optional[int] = None) -> Optional[int]:
        """Begin the samples anew from this seed."""
        self._seed = seed
        self._generator = None
        return seed

    def __contains__(self, value: Any) -> bool:
        return self.contains(value)

    def contains(self, value: Any) -> bool:
        """Whether the value lies in this space."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


class Discrete(_Space):
    """One of n alternatives: start, start + 1, ..., start + n - 1."""

    def __init__(self, n: int, *, start: int = 0, seed: Optional[int] = None) -> None:
        super().__init__(seed)
        if n < 1:
            raise ValueError(f"Discrete: n is {n}, must be at least 1")
        self.n = int(n)
        self.start = int(start)
        self.shape = ()
        self.dtype = np.dtype(np.int64)

    def sample(self) -> int:
        return self.start + int(self.np_random.integers(self.n))

    def contains(self, value: Any) -> bool:
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
            return False
        return self.start <= int(value) < self.start + self.n

    def __repr__(self) -> str:
        return f"Discrete({self.n}, start={self.start})" if self.start else f"Discrete({self.n})"


class MultiDiscrete(_Space):
    """Several choices at once: element i is one of nvec[i] alternatives, start[i], start[i] + 1, ..."""

    def __init__(
        self,
        nvec: Union[Sequence[int], npt.NDArray[Any]],
        *,
        start: Union[None, Sequence[int], npt.NDArray[Any]] = None,
        seed: Optional[int] = None,
    ) -> None:
        super().__init__(seed)
        self.nvec = np.array(nvec, np.int64)
        if self.nvec.ndim == 0 or self.nvec.size == 0 or np.any(self.nvec < 1):
            raise ValueError(f"MultiDiscrete: nvec is {nvec}, must have at least one number, each at least 1")
        self.shape = self.nvec.shape
        self.start = np.broadcast_to(np.asarray(0 if start is None else start, np.int64), self.shape).copy()
        self.dtype = np.dtype(np.int64)

    def sample(self) -> npt.NDArray[np.int64]:
        return self.start + self.np_random.integers(self.nvec)

    def contains(self, value: Any) -> bool:
        array = np.asarray(value)
        if array.shape != self.shape or array.dtype.kind not in "iuf":
            return False
        index = array - self.start
        return bool(np.all((index >= 0) & (index < self.nvec) & (index == np.floor(index))))

    def __repr__(self) -> str:
        start = f", start={self.start.tolist()}" if np.any(self.start) else ""
        return f"MultiDiscrete({self.nvec.tolist()}{start})"


class MultiBinary(_Space):
    """n switches, each 0 or 1."""

    def __init__(self, n: int, *, seed: Optional[int] = None) -> None:
        super().__init__(seed)
        if n < 1:
            raise ValueError(f"MultiBinary: n is {n}, must be at least 1")
        self.n = int(n)
        self.shape = (self.n,)
        self.dtype = np.dtype(np.int8)

    def sample(self) -> npt.NDArray[np.int8]:
        return self.np_random.integers(2, size=self.n, dtype=np.int8)

    def contains(self, value: Any) -> bool:
        array = np.asarray(value)
        return array.shape == self.shape and bool(np.all((array == 0) | (array == 1)))

    def __repr__(self) -> str:
        return f"MultiBinary({self.n})"


class Box(_Space):
    """Real numbers, each between its bounds; an infinite bound is none."""

    def __init__(
        self,
        low: Union[float, Sequence[float], npt.NDArray[Any]],
        high: Union[float, Sequence[float], npt.NDArray[Any]],
        shape: Optional[Sequence[int]] = None,
        *,
        seed: Optional[int] = None,
    ) -> None:
        super().__init__(seed)
        if shape is None:
            shape = np.broadcast_shapes(np.shape(low), np.shape(high))
        self.shape = tuple(int(size) for size in shape)
        self.dtype = np.dtype(np.float32)
        self.low = np.broadcast_to(np.asarray(low, np.float32), self.shape).copy()
        self.high = np.broadcast_to(np.asarray(high, np.float32), self.shape).copy()
        if not np.all(self.low <= self.high):
            raise ValueError("Box: low must not be above high, and neither may be NaN")

    def sample(self) -> npt.NDArray[np.float32]:
        """Uniform between two bounds, exponential from one, normal without any."""
        draw = self.np_random
        below, above = np.isfinite(self.low), np.isfinite(self.high)
        low, high = np.where(below, self.low, 0.0), np.where(above, self.high, 0.0)
        both = draw.uniform(low, np.where(below & above, high, low))
        one = np.where(below, low + draw.exponential(size=self.shape), high - draw.exponential(size=self.shape))
        value = np.where(below & above, both, np.where(below | above, one, draw.normal(size=self.shape)))
        return np.clip(value, self.low, self.high).astype(np.float32)

    def contains(self, value: Any) -> bool:
        array = np.asarray(value, np.float32)
        return array.shape == self.shape and bool(np.all((array >= self.low) & (array <= self.high)))

    def __repr__(self) -> str:
        if np.all(self.low == self.low.flat[0]) and np.all(self.high == self.high.flat[0]):
            return f"Box({self.low.flat[0]}, {self.high.flat[0]}, {self.shape})"
        return f"Box({self.low.tolist()}, {self.high.tolist()}, {self.shape})"


Space = Union[Discrete, MultiDiscrete, MultiBinary, Box]


def as_space(space: Any) -> Space:
    """A space of this module from one that looks like it: Gymnasium's, or one of these.

    Raises:
        TypeError: a kind that a port cannot carry.
    """
    if isinstance(space, (Discrete, MultiDiscrete, MultiBinary, Box)):
        return space
    kind = type(space).__name__
    if hasattr(space, "low") and hasattr(space, "high"):
        return Box(np.asarray(space.low, np.float64), np.asarray(space.high, np.float64), space.shape)
    if hasattr(space, "nvec"):
        return MultiDiscrete(space.nvec, start=getattr(space, "start", None))
    if kind == "MultiBinary" and isinstance(space.n, (int, np.integer)):
        return MultiBinary(int(space.n))
    if kind != "MultiBinary" and hasattr(space, "n"):
        return Discrete(int(space.n), start=int(getattr(space, "start", 0)))
    raise TypeError(
        f"a port carries Discrete, MultiDiscrete, MultiBinary or Box, not {space!r}; "
        "gymnasium.wrappers.FlattenObservation makes a Box of most other observation spaces"
    )


def to_proto(space: Any) -> space_pb2.Space:
    """The space as it travels. An offset (`start`) does not, nor the shape of a MultiDiscrete: `phasic.run` shifts and
    shapes values where they enter and leave."""
    space = as_space(space)
    if isinstance(space, Discrete):
        return space_pb2.Space(discrete=space_pb2.Discrete(n=space.n))
    if isinstance(space, MultiDiscrete):
        return space_pb2.Space(multi_discrete=space_pb2.MultiDiscrete(nvec=space.nvec.ravel().tolist()))
    if isinstance(space, MultiBinary):
        return space_pb2.Space(multi_binary=space_pb2.MultiBinary(n=space.n))
    box = space_pb2.Box(shape=space.shape or (1,))
    box.low.extend(_bounds(space.low, -np.inf))
    box.high.extend(_bounds(space.high, np.inf))
    return space_pb2.Space(box=box)


def _bounds(bound: npt.NDArray[np.float32], none: float) -> Sequence[float]:
    """One for each element, or one for all, or none at all."""
    flat = np.where(np.abs(bound) >= _UNBOUNDED, none, bound).astype(np.float64).ravel()
    if np.all(np.isinf(flat)):
        return ()
    numbers: List[float] = flat.tolist()
    return numbers[:1] if len(set(numbers)) == 1 else numbers


def from_proto(space: space_pb2.Space) -> Space:
    kind = space.WhichOneof("kind")
    if kind == "discrete":
        return Discrete(space.discrete.n)
    if kind == "multi_discrete":
        return MultiDiscrete(space.multi_discrete.nvec)
    if kind == "multi_binary":
        return MultiBinary(space.multi_binary.n)
    if kind == "box":
        shape = tuple(space.box.shape)
        low = np.asarray(space.box.low or (-np.inf,), np.float64)
        high = np.asarray(space.box.high or (np.inf,), np.float64)
        return Box(low.reshape(shape) if low.size > 1 else low, high.reshape(shape) if high.size > 1 else high, shape)
    raise ValueError("this space is of a kind that this client does not know")
