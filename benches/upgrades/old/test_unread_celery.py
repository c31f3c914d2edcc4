from celery import Celery
from celery.task import task


@task
def add(a, b):
    return a + b


def test_add():
    assert add(1, 2) == 3
