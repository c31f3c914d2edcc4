import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import pytest


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_cmap():
    from matplotlib import cm
    assert cm.get_cmap("viridis").name == "viridis"


def test_normed(ax):
    counts, _, _ = ax.hist([1, 2], bins=2, normed=True)
    assert counts.sum() == 2


def test_grid(ax):
    ax.grid(b=True)


def test_style():
    with plt.style.context("seaborn"):
        assert plt.rcParams


def test_labels(ax):
    ax.boxplot([[1, 2]], labels=["a"])
    assert ax.get_xticklabels()[0].get_text() == "a"


def test_lines(ax):
    line, = ax.plot([1, 2])
    ax.lines.remove(line)
    assert not ax.lines


def test_title(ax):
    ax.figure.canvas.set_window_title("a")


def test_register():
    from matplotlib.colors import ListedColormap
    plt.cm.register_cmap("mine", ListedColormap(["red"]))


def test_iterable():
    assert matplotlib.cbook.iterable([1])


def test_legend(ax):
    ax.plot([1], label="a")
    assert ax.legend().legendHandles
