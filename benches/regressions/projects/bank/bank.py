"""Accounts that never lose a cent."""

from dataclasses import dataclass, field


class BankError(Exception):
    pass


class NoFunds(BankError):
    pass


class Closed(BankError):
    pass


@dataclass
class Account:
    owner: str
    balance: int = 0
    is_open: bool = True
    history: list = field(default_factory=list)

    def deposit(self, cents, *, memo=""):
        if cents <= 0:
            raise ValueError("a deposit must be positive")
        if not self.is_open:
            raise Closed(f"the account of {self.owner} is closed")
        self.balance += cents
        self.history.append(("deposit", cents, memo))
        return self.balance

    def withdraw(self, cents, limit=50_000):
        if cents > limit:
            raise ValueError(f"{cents} is more than the limit of {limit}")
        if cents > self.balance:
            raise NoFunds(f"{self.owner} has {self.balance}, not {cents}")
        self.balance -= cents
        self.history.append(("withdraw", cents, ""))
        return self.balance


def transfer(source, target, cents):
    """Moves money or changes nothing."""
    source.withdraw(cents)
    try:
        target.deposit(cents, memo=f"from {source.owner}")
    except Closed:
        source.deposit(cents, memo="returned")
        raise
    return {"from": source.owner, "to": target.owner, "cents": cents}


def statement(account):
    lines = [f"{what:>8} {cents / 100:8.2f} {memo}".rstrip() for what, cents, memo in account.history]
    return "\n".join([account.owner.upper(), *lines, f"{'total':>8} {account.balance / 100:8.2f}"])
