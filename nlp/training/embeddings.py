"""A head start for pretraining: token vectors from co-occurrence counts, minutes instead of epochs."""

from typing import Any

import numpy as np


def cooccurrence_vectors(stream: Any, vocabulary: int, width: int, window: int = 4, seed: int = 0) -> Any:
    """Vectors [vocabulary, width] float32 of a token stream [N]: truncated SVD of shifted positive PMI."""
    from scipy import sparse
    from sklearn.utils.extmath import randomized_svd

    total = sparse.csr_matrix((vocabulary, vocabulary), dtype=np.float32)
    for distance in range(1, window + 1):
        weights = np.full(len(stream) - distance, 1.0 / distance, dtype=np.float32)
        total = (
            total
            + sparse.coo_matrix(
                (weights, (stream[:-distance], stream[distance:])), shape=(vocabulary, vocabulary)
            ).tocsr()
        )
    counts = (total + total.T).tocoo()
    row_sums = np.asarray(counts.tocsr().sum(axis=1)).ravel()
    # Smoothing the context counts (exponent 0.75) keeps rare tokens from dominating.
    context = row_sums**0.75
    context = context / context.sum() * row_sums.sum()
    expected = row_sums[counts.row] * context[counts.col] / row_sums.sum()
    values = np.log(np.maximum(counts.data / np.maximum(expected, 1e-9), 1e-9))
    keep = values > 0
    ppmi = sparse.csr_matrix(
        (values[keep].astype(np.float32), (counts.row[keep], counts.col[keep])), shape=(vocabulary, vocabulary)
    )
    left, sizes, _ = randomized_svd(ppmi, n_components=width, n_iter=2, random_state=seed)
    vectors = left * np.sqrt(sizes)[None, :]
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(norms, 1e-6)).astype(np.float32)
