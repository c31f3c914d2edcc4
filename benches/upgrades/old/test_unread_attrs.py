import attr


def test_convert():
    @attr.s
    class A:
        x = attr.ib(convert=int)

    assert A("1").x == 1


def test_evolve():
    @attr.s
    class A:
        x = attr.ib()

    assert attr.evolve(inst=A(1), x=2).x == 2
