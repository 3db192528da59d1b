"""The insurance fund of a currency, the wallet of INSURANCE: squared with what takeovers bring and lose (INS-01).

Every change of it is a public event.
"""

import cython

if not cython.compiled:
    from outcry.engine.events import say_fund_moved
    from outcry.engine.ledger import move, role_wallet
    from outcry.protocol.layout import MoveReason, Role, Tables, i64, wallets_at


def fund_minor(tables: Tables, currency: i64) -> i64:
    """What the insurance fund of a currency has."""
    return wallets_at(tables, role_wallet(tables, currency, Role.INSURANCE)).balance_minor


def square(tables: Tables, currency: i64, number: i64) -> None:
    """What takeovers have brought goes into the insurance fund, what they lack comes out of it, if it has it (INS-01).

    The instrument is only told with it, 0 if none was concerned.
    """
    fund: i64 = role_wallet(tables, currency, Role.INSURANCE)
    wallet: i64 = role_wallet(tables, currency, Role.TAKEOVER)
    amount: i64 = wallets_at(tables, wallet).balance_minor
    reason: i64 = MoveReason.MOVED_SURPLUS
    if amount < 0:
        amount = -min(-amount, max(0, wallets_at(tables, fund).balance_minor))
        reason = MoveReason.MOVED_COVER
    if amount == 0:
        return
    move(tables, wallet, fund, amount)
    say_fund_moved(tables, currency, number, reason, amount)
