import networkx as nx


def test_info():
    assert nx.info(nx.Graph())


def test_matrix():
    assert nx.to_numpy_matrix(nx.path_graph(2)).shape == (2, 2)


def test_node():
    graph = nx.path_graph(2)
    assert graph.node[0] == {}


def test_selfloops():
    assert list(nx.path_graph(2).selfloop_edges()) == []


def test_connected():
    assert len(list(nx.connected_component_subgraphs(nx.path_graph(2)))) == 1
