import pytest
from sqlalchemy import Column, Integer, String, create_engine, select
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import sessionmaker, Session

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String)


@pytest.fixture
def engine():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    return engine


@pytest.fixture
def session(engine):
    return Session(engine)


def test_engine_execute(engine):
    assert engine.execute("select 1").scalar() == 1


def test_text(session):
    assert session.execute("select 1").scalar() == 1


def test_select_list(session):
    assert session.execute(select([User.id])).all() == []


def test_get(session):
    assert session.query(User).get(1) is None


def test_table_names(engine):
    assert engine.table_names() == ["users"]


def test_has_table(engine):
    assert engine.has_table("users")


def test_bind_metadata(engine):
    from sqlalchemy import MetaData

    assert MetaData(bind=engine) is not None


def test_row_items(session):
    session.add(User(id=1, name="a"))
    session.commit()
    row = session.execute(select(User.id, User.name)).first()
    assert dict(row) == {"id": 1, "name": "a"}


def test_autocommit(engine):
    assert sessionmaker(bind=engine, autocommit=True)() is not None


def test_connection(engine):
    with engine.connect() as connection:
        assert connection.execute("select 1").fetchone()[0] == 1
