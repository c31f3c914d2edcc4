import numpy as np
import pytest


def test_joblib():
    from sklearn.externals import joblib
    assert joblib


def test_split():
    from sklearn.cross_validation import train_test_split
    assert len(train_test_split([1, 2])) == 2


def test_imputer():
    from sklearn.preprocessing import Imputer
    assert Imputer().fit_transform([[1.0], [np.nan]])[1][0] == 1


def test_sparse():
    from sklearn.preprocessing import OneHotEncoder
    assert OneHotEncoder(sparse=False).fit_transform([["a"], ["b"]]).shape == (2, 2)


def test_names():
    from sklearn.feature_extraction.text import CountVectorizer
    vectorizer = CountVectorizer()
    vectorizer.fit(["ab cd"])
    assert list(vectorizer.get_feature_names()) == ["ab", "cd"]


def test_estimator():
    from sklearn.ensemble import BaggingClassifier
    from sklearn.tree import DecisionTreeClassifier
    assert BaggingClassifier(base_estimator=DecisionTreeClassifier())


def test_squared():
    from sklearn.metrics import mean_squared_error
    assert mean_squared_error([1.0], [3.0], squared=False) == 2


def test_blobs():
    from sklearn.datasets.samples_generator import make_blobs
    assert make_blobs


def test_grid():
    from sklearn.grid_search import GridSearchCV
    assert GridSearchCV


def test_testing():
    from sklearn.utils.testing import assert_array_equal
    assert_array_equal([1], [1])


def test_affinity():
    from sklearn.cluster import AgglomerativeClustering
    assert len(AgglomerativeClustering(affinity="euclidean").fit_predict([[1.0], [2.0]])) == 2


def test_criterion():
    from sklearn.tree import DecisionTreeRegressor
    assert DecisionTreeRegressor(criterion="mse").fit([[1.0]], [1.0])


def test_finite():
    from sklearn.utils import check_array
    assert check_array([[1.0]], force_all_finite=True).shape == (1, 1)
