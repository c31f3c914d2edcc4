import pytest

from records import Table


@pytest.fixture
def table():
    table = Table()
    table.insert(id=1, name="ann", age=30)
    table.insert(id=2, name="bob", age=50)
    table.insert(id=3, name="ann")
    return table


def test_insert(table):
    assert table.insert(id=4, name="eve") == 4
    assert table.rows[4] == {"id": 4, "name": "eve"}
    assert table.log[-1] == ("insert", 4)


def test_a_key_is_needed(table):
    with pytest.raises(KeyError, match="no id"):
        table.insert(name="eve")


def test_a_key_is_unique(table):
    with pytest.raises(ValueError, match="duplicate key"):
        table.insert(id=1)


def test_update_tells_what_changed(table):
    assert table.update(1, name="amy", age=30) == ["name"]
    assert table.rows[1]["name"] == "amy"
    assert table.log[-1] == ("update", 1)


def test_an_update_of_nothing_is_not_logged(table):
    before = len(table.log)
    assert table.update(1, age=30) == []
    assert len(table.log) == before


def test_delete(table):
    assert table.delete(1)
    assert not table.delete(1)
    assert 1 not in table.rows
    assert table.log[-1] == ("delete", 1)


def test_where(table):
    assert [row["id"] for row in table.where(name="ann")] == [1, 3]
    assert [row["id"] for row in table.where(name="ann", age=30)] == [1]
    assert len(table.where()) == 3


def test_pages(table):
    assert table.page(1) == [1, 2]
    assert table.page(2) == [3]
    assert table.page(1, size=5) == [1, 2, 3]


def test_average(table):
    assert table.average("age") == 40
    assert table.average("height") == 0.0
