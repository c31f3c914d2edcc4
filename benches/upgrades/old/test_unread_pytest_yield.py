def check(number):
    assert number < 3


def test_numbers():
    for number in range(2):
        yield check, number
