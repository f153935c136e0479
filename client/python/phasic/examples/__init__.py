# SPDX-License-Identifier: Apache-2.0
"""Examples to run: `python -m phasic.examples.demo`, `.bandit`, `.tmaze`, `.own_env`."""
