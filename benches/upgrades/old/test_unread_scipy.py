import numpy as np
import scipy
import pytest
from scipy import integrate, signal, sparse, special, stats


def test_trapz():
    assert integrate.trapz([1, 2, 3]) == 4


def test_simps():
    assert integrate.simps([1, 2, 3]) == 4


def test_cumtrapz():
    assert integrate.cumtrapz([1, 2])[0] == 1.5


def test_comb():
    from scipy.misc import comb
    assert comb(3, 2) == 3


def test_hann():
    assert len(signal.hann(3)) == 3


def test_binom():
    assert stats.binom_test(1, 2) == 1


def test_mad():
    assert stats.median_absolute_deviation([1, 2, 3]) > 0


def test_sparse():
    assert sparse.csr_matrix(np.eye(2)).A.sum() == 2


def test_cg():
    from scipy.sparse.linalg import cg
    assert cg(np.eye(2), np.ones(2), tol=1e-5)[1] == 0


def test_sph():
    assert special.sph_harm(0, 0, 0, 0) is not None


def test_mean():
    assert scipy.mean([1, 3]) == 2


def test_interp():
    assert scipy.interp(1, [0, 2], [0, 2]) == 1


def test_pinv():
    from scipy.linalg import pinv2
    assert pinv2(np.eye(2)).sum() == 2


def test_gilbrat():
    assert stats.gilbrat.cdf(0) == 0


def test_logsumexp():
    from scipy.misc import logsumexp
    assert logsumexp([0]) == 0


def test_mode():
    assert stats.mode([1, 1, 2])[0][0] == 1
