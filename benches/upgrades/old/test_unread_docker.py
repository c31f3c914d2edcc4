import docker


def test_client():
    assert docker.Client


def test_tls():
    assert docker.tls.TLSConfig(assert_hostname=False)


def test_auth():
    assert docker.auth.auth
