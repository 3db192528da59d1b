"""Money between the accounts of one person: what moves, and everything that must not."""

from typing import Any

import pytest

from tests.gateway.venues import Caller, Venue

DENIED = "Access Denied"


@pytest.fixture
def sub(venue: Venue) -> Caller:
    """A sub-account of alice's, with money of its own."""
    found = venue.member("alice-hedge")
    venue.people.owners[found.key.user.id] = venue.alice.key.user.id
    return found


def wallet(who: Caller, currency: str = "XBt") -> int:
    return int(who.ok("GET", "/user/wallet", {"currency": currency})["amount"])


def asked(target: Any, amount: Any = 1000, **more: Any) -> dict[str, Any]:
    return {"currency": "XBt", "amount": amount, "targetAccountId": target, **more}


def test_money_moves_between_ones_own_accounts(venue: Venue, sub: Caller) -> None:
    row = venue.alice.ok("POST", "/user/walletTransfer", asked(sub.account))
    assert (row["account"], row["amount"], row["transactType"], row["transactStatus"]) == (
        venue.alice.account, -1000, "Transfer", "Completed",
    )  # fmt: skip
    assert row["walletBalance"] == wallet(venue.alice) == 10**9 - 1000
    assert wallet(sub) == 10**9 + 1000
    assert len(row) == 14
    back = venue.alice.ok(
        "POST", "/user/walletTransfer", asked(venue.alice.account, "500", fromAccountId=sub.account, currency="USDt")
    )
    assert (back["account"], back["currency"]) == (sub.account, "USDt")
    assert (wallet(venue.alice, "USDt"), wallet(sub, "USDt")) == (10**12 + 500, 10**12 - 500)
    assert back["transactID"] != row["transactID"]
    shown = venue.alice.ok("GET", "/user/wallet")
    assert (shown["transferOut"], shown["deposited"]) == (1000, 10**9)
    # A sub-account may give to the main one.
    sub.ok("POST", "/user/walletTransfer", asked(venue.alice.account))
    assert wallet(venue.alice) == 10**9


def test_accounts_of_others_are_out_of_reach(venue: Venue, sub: Caller) -> None:
    stranger = venue.bob.account
    before = venue.state
    for who in (venue.alice, sub):
        for more in (
            asked(stranger),
            asked(who.account, fromAccountId=stranger),
            asked(stranger, fromAccountId=stranger),
            asked(99_999),
            asked(1),
            asked(who.account, fromAccountId=1),
        ):
            assert who.refused("POST", "/user/walletTransfer", more) == (403, DENIED)
    assert venue.state == before


def test_a_sub_accounts_key_reaches_no_other_account(venue: Venue, sub: Caller) -> None:
    other = venue.member("alice-two")
    venue.people.owners[other.key.user.id] = venue.alice.key.user.id
    before = venue.state
    for source in (venue.alice.account, other.account):
        assert sub.refused("POST", "/user/walletTransfer", asked(sub.account, fromAccountId=source)) == (403, DENIED)
    assert venue.state == before
    sub.ok("POST", "/user/walletTransfer", asked(other.account))


@pytest.mark.parametrize("permissions", [set(), {"order"}, {"order", "orderCancel"}])
def test_a_key_that_may_not_withdraw_moves_nothing(venue: Venue, permissions: set[str]) -> None:
    trader = venue.member("trader", permissions=frozenset(permissions))
    sub = venue.member("trader-sub")
    venue.people.owners[sub.key.user.id] = trader.key.user.id
    assert trader.refused("POST", "/user/walletTransfer", asked(sub.account)) == (403, DENIED)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"amount": 0}, 400),
        ({"amount": -5}, 400),
        ({"amount": 1.5}, 400),
        ({"amount": 2**60}, 400),
        ({"amount": None}, 400),
        ({"amount": 10**10}, 400),
        ({"currency": "DOGE"}, 400),
        ({"currency": None}, 400),
        ({"targetAccountId": None}, 400),
        ({"targetAccountId": "x"}, 400),
        ({"targetAccountId": 2**40}, 400),
    ],
)
def test_what_is_no_transfer(venue: Venue, sub: Caller, more: dict[str, Any], status: int) -> None:
    before = wallet(venue.alice), wallet(sub)
    assert venue.alice.refused("POST", "/user/walletTransfer", {**asked(sub.account), **more})[0] == status
    assert (wallet(venue.alice), wallet(sub)) == before


def test_to_oneself_and_without_a_signature(venue: Venue, sub: Caller) -> None:
    assert venue.alice.refused("POST", "/user/walletTransfer", asked(venue.alice.account))[0] == 400
    assert venue.ask("POST", "/user/walletTransfer", b"{}").status_code == 401
    message = venue.alice.refused("POST", "/user/walletTransfer", asked(sub.account, 10**13, currency="USDt"))[1]
    assert message == "Account has insufficient Available Balance, 10000000000000 USDt required"


def test_ones_accounts_are_listed(venue: Venue, sub: Caller) -> None:
    wanted = [
        {"accountId": venue.alice.account, "accountName": "alice", "isMain": True},
        {"accountId": sub.account, "accountName": "alice-hedge", "isMain": False},
    ]
    for who in (venue.alice, sub):
        assert who.ok("GET", "/user/getWalletTransferAccounts") == wanted
    assert len(venue.bob.ok("GET", "/user/getWalletTransferAccounts")) == 1
    # One that has never signed gets its account now, so that there is a number to send money to.
    fresh = venue.people.add("bob-fresh")
    venue.people.owners[fresh.user.id] = venue.bob.key.user.id
    found = venue.bob.ok("GET", "/user/getWalletTransferAccounts")[1]
    venue.bob.ok("POST", "/user/walletTransfer", asked(found["accountId"]))
    assert wallet(Caller(venue, fresh, found["accountId"])) == 1000
