from django.utils.timezone import utc
from django.test import SimpleTestCase


class Some(SimpleTestCase):
    def test_json(self):
        self.assertQuerysetEqual([1], [1])
