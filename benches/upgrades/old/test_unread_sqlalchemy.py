import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, create_engine, select
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship
from sqlalchemy.sql.expression import case

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    pets = relationship("Pet", backref="owner")


class Pet(Base):
    __tablename__ = "pets"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer, ForeignKey("users.id"))


users = User.__table__


@pytest.fixture
def engine():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    return engine


@pytest.fixture
def session(engine):
    session = Session(engine)
    session.add(User(id=1, name="a"))
    session.commit()
    return session


def test_case(session):
    kind = case([(User.id == 1, "one")], else_="many")
    assert session.query(kind).scalar() == "one"


def test_join_name(session):
    assert session.query(User).join("pets").all() == []


def test_load_name(session):
    assert session.query(User).options(joinedload("pets")).one().pets == []


def test_row_key(session):
    row = session.execute(select(User.id, User.name)).first()
    assert row["name"] == "a"


def test_row_keys(session):
    row = session.execute(select(User.id, User.name)).first()
    assert list(row.keys()) == ["id", "name"]


def test_url():
    assert str(URL("sqlite", database="a.db")) == "sqlite:///a.db"


def test_password():
    assert str(make_url("postgresql://me:secret@host/db")) == "postgresql://me:secret@host/db"


def test_select_where(session):
    assert session.execute(users.select(users.c.id == 1)).first().name == "a"


def test_update_where(session):
    session.execute(users.update(users.c.id == 1).values(name="b"))
    assert session.query(User).one().name == "b"


def test_delete_where(session):
    session.execute(users.delete(users.c.id == 1))
    assert session.query(User).count() == 0


def test_insert_values(session):
    session.execute(users.insert(values={"id": 2, "name": "b"}))
    assert session.query(User).count() == 2


def test_autoload(engine):
    table = Table("users", MetaData(), autoload=True, autoload_with=engine)
    assert "name" in table.c


def test_exists(engine):
    assert users.exists(engine)


def test_create_all():
    engine = create_engine("sqlite://")
    metadata = MetaData(engine)
    Table("a", metadata, Column("id", Integer))
    metadata.create_all()


def test_convert_unicode():
    assert create_engine("sqlite://", convert_unicode=True).dialect.name == "sqlite"


def test_subtransactions(session):
    session.rollback()
    with session.begin(subtransactions=True):
        session.add(User(id=3))


def test_close_all(session):
    Session.close_all()


def test_from_self(session):
    assert session.query(User).from_self().count() == 1


def test_engine_scalar(engine):
    assert engine.scalar("select 1") == 1


def test_run_callable(engine):
    assert engine.run_callable(lambda connection: 1) == 1
