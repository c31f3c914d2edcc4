import pytest

from bank import Account, Closed, NoFunds, statement, transfer


@pytest.fixture
def ann():
    account = Account("ann")
    account.deposit(1000, memo="salary")
    return account


def test_a_deposit_adds_up(ann):
    assert ann.deposit(250) == 1250
    assert ann.history[-1] == ("deposit", 250, "")


@pytest.mark.parametrize("cents", [0, -5])
def test_a_deposit_is_positive(ann, cents):
    with pytest.raises(ValueError, match="must be positive"):
        ann.deposit(cents)
    assert ann.balance == 1000


def test_nobody_withdraws_what_is_not_there(ann):
    with pytest.raises(NoFunds, match="ann has 1000, not 1001"):
        ann.withdraw(1001)


def test_everything_may_be_withdrawn(ann):
    assert ann.withdraw(1000) == 0


def test_a_limit_holds(ann):
    ann.deposit(100_000)
    with pytest.raises(ValueError, match="limit of 50000"):
        ann.withdraw(50_001)
    assert ann.withdraw(50_000) == 51_000


def test_a_transfer_moves_the_money(ann):
    bob = Account("bob")
    assert transfer(ann, bob, 400) == {"from": "ann", "to": "bob", "cents": 400}
    assert (ann.balance, bob.balance) == (600, 400)
    assert bob.history == [("deposit", 400, "from ann")]


def test_a_transfer_to_a_closed_account_changes_nothing(ann):
    bob = Account("bob", is_open=False)
    with pytest.raises(Closed):
        transfer(ann, bob, 400)
    assert (ann.balance, bob.balance) == (1000, 0)
    assert ann.history[-1] == ("deposit", 400, "returned")


def test_a_statement_lists_everything(ann):
    ann.withdraw(250)
    assert statement(ann) == "ANN\n deposit    10.00 salary\nwithdraw     2.50\n   total     7.50"
