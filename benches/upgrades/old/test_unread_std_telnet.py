import telnetlib


def test_telnet():
    assert telnetlib.Telnet
