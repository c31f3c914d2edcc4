import networkx as nx
import numpy as np
import pytest


@pytest.fixture
def path():
    return nx.path_graph(3)


def test_numpy_matrix():
    assert nx.from_numpy_matrix(np.array([[0, 1], [1, 0]])).number_of_edges() == 1


def test_pickle(path, tmp_path):
    nx.write_gpickle(path, tmp_path / "a")
    assert nx.read_gpickle(tmp_path / "a").number_of_nodes() == 3


def test_ordered():
    assert list(nx.OrderedGraph([(2, 1)])) == [2, 1]


def test_nodes_iter(path):
    assert list(path.nodes_iter()) == [0, 1, 2]


def test_edges_iter(path):
    assert list(path.edges_iter()) == [(0, 1), (1, 2)]


def test_sparse():
    pytest.importorskip("scipy")
    assert nx.to_scipy_sparse_matrix(nx.path_graph(2)).shape == (2, 2)


def test_random_tree():
    assert nx.random_tree(4, seed=1).number_of_edges() == 3


def test_neighbors(path):
    assert list(path.neighbors_iter(0)) == [1]


def test_strongly():
    graph = nx.DiGraph([(1, 2), (2, 1)])
    assert len(list(nx.strongly_connected_component_subgraphs(graph))) == 1


def test_degree_dict(path):
    assert path.degree().values()


def test_attr_dict(path):
    path.add_node(9, attr_dict={"a": 1})
    assert path.nodes[9] == {"a": 1}


def test_set_attributes(path):
    nx.set_node_attributes(path, "a", {0: 1})
    assert path.nodes[0]["a"] == 1


def test_pandas():
    pytest.importorskip("pandas")
    assert nx.to_pandas_dataframe(nx.path_graph(2)).shape == (2, 2)


def test_adjacency(path):
    assert path.adjacency_list()[0] == [1]
