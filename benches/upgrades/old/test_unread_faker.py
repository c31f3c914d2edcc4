import factory
import factory.fuzzy
from faker import Faker


def test_seed():
    fake = Faker()
    fake.seed(1)
    assert fake.name()


def test_make():
    assert factory.DjangoModelFactory


def test_random_state():
    factory.fuzzy.reseed_random(1)
    assert factory.fuzzy.FuzzyInteger(1, 2).fuzz() in (1, 2)
