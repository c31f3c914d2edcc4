import paramiko
import pytest
from cryptography import utils
from cryptography.hazmat.primitives.asymmetric import ec, rsa


def test_int():
    assert utils.int_from_bytes(b"\x01", "big") == 1


def test_encode_point():
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    assert len(numbers.encode_point()) == 65


def test_signer():
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    key = rsa.generate_private_key(65537, 2048)
    signer = key.signer(padding.PKCS1v15(), hashes.SHA256())
    signer.update(b"a")
    assert signer.finalize()


def test_dss():
    assert paramiko.DSSKey


def test_py3compat():
    from paramiko.py3compat import u
    assert u(b"a") == "a"
