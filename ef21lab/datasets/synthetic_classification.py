"""Synthetic classification: Gaussian clouds, with a knob for how much one part of the file differs from another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import integer, real, seed_of
from ef21lab.choices.text import Text
from ef21lab.datasets.base import Dataset, Table, TableFacts
from ef21lab.streams import Stream, generator

SPREAD = 1.5  # centres are this far from the origin, in the mean square; two of them are 2.1 standard deviations of the noise apart


@dataclass(frozen=True)
class SyntheticClassification(Dataset):
    """Rows a = c + ξ, ξ ~ N(0, I_p), around the centre c of their class in their block of the file.

    The file is cut into B contiguous blocks as the contiguous partition cuts it over B nodes. Class y is equally likely in every row.
    Its centre in block b is

        c_{b,y} = √(1−h) s_y + √h o_{b,y},    s_y, o_{b,y} ~ N(0, (1.5²/p) I_p) independent,

    s shared by all blocks, o the block's own, h the heterogeneity. So every block is equally hard whatever h is, the centres of two
    blocks correlate by 1 − h, and the Bayes weights of a block (c_{b,1} − c_{b,0} for two classes) are shared at h = 0 and unrelated
    at h = 1. A contiguous partition over B nodes gives each node one block, over fewer nodes a mixture of neighbours; a shuffled
    partition hides the blocks.
    """

    rows: int = integer(  # at least 500, so that every block has one
        2000, 500, 20_000, Text("Rows", "Строки"), Text("How many rows to draw.", "Сколько строк породить.")
    )
    features: int = integer(40, 1, 500, Text("Features", "Признаки"), Text("Length p of a row.", "Длина p одной строки."))
    classes: int = integer(2, 2, 10, Text("Classes", "Классы"), Text("How many labels there are.", "Сколько разных меток."))
    heterogeneity: float = real(
        0.5,
        0.0,
        1.0,
        Text("Heterogeneity", "Неоднородность"),
        Text(
            "0: all blocks of the file are alike; 1: each has its own classes.", "0: все блоки файла одинаковы; 1: у каждого свои классы."
        ),
    )
    blocks: int = integer(
        20,
        1,
        500,
        Text("Blocks", "Блоки"),
        Text(
            "How many runs of rows have a distribution of their own; as many as nodes gives each node one.",
            "Сколько отрезков файла имеют своё распределение; если их столько же, сколько узлов, узлу достаётся один.",
        ),
    )
    seed: int = seed_of(Text("Data seed", "Зерно данных"), Text("Another seed draws other rows.", "С другим зерном выпадут другие строки."))

    name = "synthetic_classification"
    label = Text("Synthetic clouds", "Синтетические облака")
    about = Text(
        "Gaussian clouds; the heterogeneity slider says how much the blocks of the file, and so the nodes, differ.",
        "Гауссовы облака; неоднородность задаёт, насколько различаются блоки файла, а значит, и узлы.",
    )
    order = 60
    origin = Text("Drawn on this machine from the seed.", "Порождается на этой машине из зерна.")

    def load(self) -> Table:
        rng = generator(Stream.CLOUDS, self.seed)
        centres = self._centres(rng)  # (blocks, classes, p)
        drawn = rng.integers(self.classes, size=self.rows)  # (rows,)
        features = centres[self._block_of_row(), drawn] + rng.standard_normal((self.rows, self.features))  # (rows, p)
        labels, names = _coded(drawn, self.classes)
        return Table(features, labels, names, (self.features,)).read_only()

    def facts(self) -> TableFacts:
        return TableFacts(self.rows, self.features, self.classes)

    def _centres(self, rng: np.random.Generator) -> np.ndarray:
        shared = rng.standard_normal((self.classes, self.features))
        own = rng.standard_normal((self.blocks, self.classes, self.features))
        mixed: np.ndarray = np.sqrt(1 - self.heterogeneity) * shared + np.sqrt(self.heterogeneity) * own
        mixed *= SPREAD / np.sqrt(self.features)
        return mixed

    def _block_of_row(self) -> np.ndarray:
        block: np.ndarray = np.minimum(np.arange(self.rows) // (self.rows // self.blocks), self.blocks - 1)  # (rows,)
        return block


def _coded(drawn: np.ndarray, classes: int) -> tuple[np.ndarray, tuple[str, ...]]:
    if classes == 2:
        return 2.0 * drawn - 1.0, ("-1", "1")
    return drawn.astype(np.intp), tuple(map(str, range(classes)))
