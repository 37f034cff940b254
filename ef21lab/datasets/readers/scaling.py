"""Columns brought to one scale."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from ef21lab.datasets.base import Features, Table

UNEVEN = 100.0  # times that scales may differ before it is pointed out


def standardised(table: Table) -> Table:
    """Every column with mean 0 and variance 1; of a sparse table, whose zeros stay zeros, divided by its largest magnitude.

    A column that is constant becomes 0.
    """
    from sklearn.preprocessing import MaxAbsScaler, StandardScaler  # half a second to import

    scaler = MaxAbsScaler() if table.sparse else StandardScaler()
    features = scaler.fit_transform(table.features)
    return table._replace(features=sp.csr_matrix(features) if table.sparse else features).read_only()


def spread(features: Features) -> float:
    """The largest scale of a column over the smallest, columns of zeros aside; a scale is its largest magnitude."""
    largest = abs(features).max(axis=0)
    scales = np.asarray(largest.todense() if sp.issparse(largest) else largest).reshape(-1)
    scales = scales[scales > 0]
    with np.errstate(over="ignore"):  # beside a scale of 10⁻³²⁰ any is infinitely large
        return float(scales.max() / scales.min()) if len(scales) else 1.0
