from urllib3.util.retry import Retry
from requests.packages.urllib3.util.ssl_ import DEFAULT_CIPHERS


def test_retry():
    assert Retry(total=1, method_whitelist=["GET"])
