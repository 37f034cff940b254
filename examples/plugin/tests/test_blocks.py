"""What the families promise, and what only the author of these members knows."""

import numpy as np
from ef21lab_blocks.block_sign import BlockSign

from ef21lab.cli import main


def test_the_families_promises_are_kept() -> None:
    assert main(["check", "ef21lab-blocks"]) == 0


def test_a_block_is_its_mean_magnitude_with_its_signs() -> None:
    sent = BlockSign(blocks=2).compress(np.array([3.0, -1.0, 0.0, 8.0]))
    assert sent.values.tolist() == [2.0, -2.0, 4.0, 4.0]
    assert sent.bits == 1 + 2 * 32 + 4  # a header, two scales, four signs
