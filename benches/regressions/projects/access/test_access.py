import pytest

from access import Denied, User, can_delete, can_edit, can_read, edit, promote

DOCUMENT = {"owner": "ann", "public": False, "text": "old"}


def test_levels():
    assert User("bob").level == 0
    assert User("bob", "editor").level == 20
    assert User("bob", "admin", active=False).level == 0


def test_members_read():
    assert can_read(User("bob", "member"), DOCUMENT)
    assert not can_read(User("bob"), DOCUMENT)


def test_everybody_reads_what_is_public():
    assert can_read(User("bob"), {**DOCUMENT, "public": True})


def test_owners_and_editors_edit():
    assert can_edit(User("ann"), DOCUMENT)
    assert can_edit(User("bob", "editor"), DOCUMENT)
    assert not can_edit(User("bob", "member"), DOCUMENT)
    assert not can_edit(User("ann", active=False), DOCUMENT)


def test_locked_documents_stay():
    assert can_delete(User("ann"), DOCUMENT)
    assert not can_delete(User("ann"), {**DOCUMENT, "locked": True})


def test_edit():
    edited = edit(User("ann"), DOCUMENT, "new")
    assert edited["text"] == "new"
    assert edited["revision"] == 1
    assert edit(User("ann"), edited, "newer")["revision"] == 2
    assert DOCUMENT["text"] == "old"


def test_edit_is_denied():
    with pytest.raises(Denied, match="bob may not edit"):
        edit(User("bob"), DOCUMENT, "new")


def test_promotion():
    user = User("bob")
    assert promote(user) == "member"
    assert promote(user) == "editor"
    assert promote(User("ann", "admin")) == "admin"
