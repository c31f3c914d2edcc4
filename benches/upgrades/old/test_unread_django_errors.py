from django.db.models.fields import FieldDoesNotExist
from django.db.models.query import EmptyResultSet
from django.core.urlresolvers import NoReverseMatch


def test_errors():
    assert issubclass(FieldDoesNotExist, Exception) and issubclass(EmptyResultSet, Exception) and NoReverseMatch
