from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.orm import eagerload, mapper

users = Table("users", MetaData(), Column("id", Integer, primary_key=True))


class User:
    pass


mapper(User, users)


def test_mapped():
    assert User.id is not None
    assert eagerload
