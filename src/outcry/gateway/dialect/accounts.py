"""Margin, wallet, asset and user rows (API 2.3).  Amounts are settlement minor units."""

from typing import Any

from outcry.gateway.dialect.columns import USER_COLUMNS
from outcry.gateway.dialect.prices import of_ppm, ratio, rounded
from outcry.gateway.dialect.times import time_text
from outcry.gateway.door import User
from outcry.views.directory import Currency
from outcry.views.rows import InstrumentView, MarginView, WalletView

Row = dict[str, Any]
CENTS = 100
NAMES = {"XBT": "Bitcoin", "USDT": "Tether"}
NETWORKS = {"XBT": "btc", "USDT": "eth"}


def margin_row(view: MarginView, time_ns: int) -> Row:
    """The 27 columns.

    An isolated position's profit or loss is part of its own margin, so `maintMargin` counts it there: what is available
    is `marginBalance` less `maintMargin` and `initMargin`, but for profits of cross positions, which cannot be spent.
    """
    summary = view.summary
    balance = summary.wallet_minor + summary.unrealised_minor
    positions = summary.position_margin_minor + summary.moved_margin_minor + summary.isolated_unrealised_minor
    used = positions + summary.order_margin_minor
    return {
        "account": view.account,
        "currency": view.currency.symbol,
        "riskLimit": None,
        "state": None,
        "amount": summary.wallet_minor,
        "prevRealisedPnl": view.previous_realised_minor,
        "grossComm": view.fees_minor,
        "grossOpenCost": summary.open_value_minor,
        "grossOpenPremium": 0,
        "grossExecCost": 0,
        "grossMarkValue": summary.mark_value_minor,
        "riskValue": summary.mark_value_minor + summary.open_value_minor,
        "initMargin": summary.order_margin_minor,
        "maintMargin": positions,
        "targetExcessMargin": 0,
        "realisedPnl": view.realised_minor - view.fees_minor,
        "unrealisedPnl": summary.unrealised_minor,
        "walletBalance": summary.wallet_minor,
        "marginBalance": balance,
        "marginLeverage": rounded(summary.mark_value_minor, balance, 4) if balance > 0 else 0,
        "marginUsedPcnt": rounded(used, balance, 4) if balance > 0 else 0,
        "excessMargin": balance - positions,
        "availableMargin": summary.available_minor,
        "withdrawableMargin": max(0, summary.available_minor),
        "makerFeeDiscount": None,
        "takerFeeDiscount": None,
        "timestamp": time_text(time_ns),
    }


def wallet_row(view: WalletView, time_ns: int) -> Row:
    """The 11 columns.  A withdrawal has left the wallet when it is asked for; a bond is in it and pending (PRD-03)."""
    return {
        "account": view.account,
        "currency": view.currency.symbol,
        "deposited": view.deposited_minor,
        "withdrawn": view.withdrawn_minor,
        "transferIn": view.transferred_in_minor,
        "transferOut": view.transferred_out_minor,
        "amount": view.balance_minor,
        "pendingCredit": 0,
        "pendingDebit": view.held_minor,
        "confirmedDebit": 0,
        "timestamp": time_text(time_ns),
    }


def transfer_account_row(account: int, user: User, is_main: bool) -> Row:
    """One of a person's accounts, for who moves money between them."""
    return {"accountId": account, "accountName": user.name, "isMain": is_main}


def asset_row(currency: Currency) -> Row:
    """A settlement currency; nothing can be deposited or withdrawn by its owner yet."""
    major = currency.major
    network = {
        "asset": NETWORKS.get(major, major.lower()),
        "tokenAddress": None,
        "depositEnabled": False,
        "withdrawalEnabled": False,
        "withdrawalFee": 0,
        "minFee": 0,
        "maxFee": 0,
    }
    return {
        "asset": major,
        "currency": currency.symbol,
        "majorCurrency": major,
        "name": NAMES.get(major, major),
        "currencyType": "Crypto",
        "scale": currency.scale,
        "enabled": True,
        "isMarginCurrency": True,
        "memoRequired": False,
        "minDepositAmount": 0,
        "minWithdrawalAmount": 0,
        "maxWithdrawalAmount": 0,
        "networks": [network],
    }


def network_row(currency: Currency) -> Row:
    """The chain of a settlement currency; not connected yet."""
    major = currency.major
    return {
        "network": NETWORKS.get(major, major.lower()),
        "name": NAMES.get(major, major),
        "currency": currency.symbol,
        "networkSymbol": NETWORKS.get(major, major.lower()),
        "transactionExplorer": None,
        "tokenExplorer": None,
        "depositConfirmations": None,
        "enabled": False,
    }


def user_row(user: User, account: int) -> Row:
    """The person; what this venue does not know is null."""
    row: Row = dict.fromkeys(USER_COLUMNS)
    row.update(id=account, username=user.name, isUser=True, preferences={}, TFAEnabled=None, typ="trader")
    return row


def commission_row(view: InstrumentView, rates_ppm: tuple[int, int]) -> Row:
    """The three fee rates of an instrument; the first two are those of the account's fee tier."""
    return {
        "makerFee": of_ppm(rates_ppm[0]),
        "takerFee": of_ppm(rates_ppm[1]),
        "settlementFee": of_ppm(view.settlement_fee_ppm),
    }


def volume_row(daily_cents: int) -> Row:
    """What an account trades a day in US dollars, on the average of 30 days."""
    dollars = ratio(daily_cents, CENTS)
    return {"advUsd": dollars, "advUsdSpot": 0, "advUsdContract": dollars}
