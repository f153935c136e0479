# SPDX-License-Identifier: Apache-2.0
"""Spaces: what they contain, how they travel, and Gymnasium's by their looks."""

import types
import unittest

import numpy as np
import phasic
from phasic import spaces


def looks_like(kind, **attributes):
    """An object of a class with this name, as another library's space is."""
    return type(kind, (types.SimpleNamespace,), {})(**attributes)


class SpacesTest(unittest.TestCase):
    def test_there_and_back(self):
        for space in (
            phasic.Discrete(5),
            phasic.MultiDiscrete([2, 5]),
            phasic.MultiBinary(3),
            phasic.Box(-1, 1, (2, 3)),
            phasic.Box([-1, -2], [3, np.inf]),
            phasic.Box(-np.inf, np.inf, (4,)),
        ):
            self.assertEqual(spaces.from_proto(spaces.to_proto(space)), space)

    def test_bounds_travel_in_their_shortest_form(self):
        one = spaces.to_proto(phasic.Box(-1, 1, (2, 3))).box
        self.assertEqual((list(one.shape), list(one.low), list(one.high)), ([2, 3], [-1.0], [1.0]))
        none = spaces.to_proto(phasic.Box(-np.inf, np.inf, (2,))).box
        self.assertEqual((list(none.low), list(none.high)), ([], []))
        some = spaces.to_proto(phasic.Box([-1, -np.inf], [1, np.inf])).box
        self.assertEqual(list(some.low), [-1.0, -np.inf])

    def test_the_largest_float_is_no_bound(self):
        most = np.finfo(np.float32).max
        box = spaces.to_proto(looks_like("Box", low=np.array([-most]), high=np.array([most]), shape=(1,))).box
        self.assertEqual((list(box.low), list(box.high)), ([], []))

    def test_other_libraries_spaces(self):
        self.assertEqual(spaces.as_space(looks_like("Discrete", n=np.int64(4), start=np.int64(2))), phasic.Discrete(4, start=2))
        choices = looks_like("MultiDiscrete", nvec=np.array([[2, 3]]), start=np.array([[0, 1]]), shape=(1, 2))
        self.assertEqual(spaces.as_space(choices), phasic.MultiDiscrete([[2, 3]], start=[[0, 1]]))
        self.assertEqual(list(spaces.to_proto(choices).multi_discrete.nvec), [2, 3])
        self.assertEqual(spaces.as_space(looks_like("MultiBinary", n=4, shape=(4,))), phasic.MultiBinary(4))
        box = looks_like("Box", low=np.zeros(2), high=np.ones(2), shape=(2,))
        self.assertEqual(spaces.as_space(box), phasic.Box(0, 1, (2,)))
        with self.assertRaisesRegex(TypeError, "Discrete, MultiDiscrete, MultiBinary or Box"):
            spaces.as_space(looks_like("Dict", spaces={}))
        with self.assertRaises(TypeError):
            spaces.as_space(looks_like("MultiBinary", n=[2, 3], shape=(2, 3)))

    def test_samples_lie_inside_and_follow_the_seed(self):
        for space in (
            phasic.Discrete(5, start=-2),
            phasic.MultiDiscrete([[2, 3], [4, 1]], start=[[0, 1], [-3, 0]]),
            phasic.MultiBinary(3),
            phasic.Box([-1, 0, -np.inf, -np.inf], [1, np.inf, 3, np.inf]),
        ):
            space.seed(3)
            first = [space.sample() for _ in range(50)]
            space.seed(3)
            again = [space.sample() for _ in range(50)]
            self.assertTrue(all(sample in space for sample in first), space)
            self.assertTrue(all(np.array_equal(a, b) for a, b in zip(first, again)), space)

    def test_what_lies_outside(self):
        for space, value in (
            (phasic.Discrete(2), 2),
            (phasic.Discrete(2), -1),
            (phasic.Discrete(2), 0.5),
            (phasic.MultiDiscrete([2, 3]), [0, 3]),
            (phasic.MultiDiscrete([2, 3]), [-1, 0]),
            (phasic.MultiDiscrete([2, 3]), [0, 0.5]),
            (phasic.MultiDiscrete([2, 3]), [0]),
            (phasic.MultiDiscrete([2, 3]), ["a", "b"]),
            (phasic.MultiDiscrete([2, 3], start=[1, 0]), [0, 0]),
            (phasic.MultiBinary(2), [0, 2]),
            (phasic.MultiBinary(2), [0]),
            (phasic.Box(0, 1, (2,)), [0, 1.5]),
            (phasic.Box(0, 1, (2,)), [0, np.nan]),
            (phasic.Box(0, 1, (2,)), 0.5),
        ):
            self.assertFalse(value in space, (space, value))

    def test_impossible_spaces(self):
        for make in (
            lambda: phasic.Discrete(0),
            lambda: phasic.MultiDiscrete([]),
            lambda: phasic.MultiDiscrete(3),
            lambda: phasic.MultiDiscrete([2, 0]),
            lambda: phasic.MultiBinary(0),
            lambda: phasic.Box(1, 0, (2,)),
            lambda: phasic.Box(np.nan, 0, (2,)),
        ):
            with self.assertRaises(ValueError):
                make()


if __name__ == "__main__":
    unittest.main()
