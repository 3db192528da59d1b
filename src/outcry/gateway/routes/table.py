"""Every address of the API, by verb and path."""

from outcry.gateway.routes import (
    account,
    bulk,
    contracts,
    explain,
    market,
    money,
    orders,
    ours,
    quoting,
    receipts,
    risk,
    states,
    wallets,
)
from outcry.gateway.venue import Handler, Route

API = "/api/v1"
OURS = "/outcry/v1"
MAY_ORDER = frozenset({"order"})
MAY_CANCEL = frozenset({"order", "orderCancel"})
MAY_WITHDRAW = frozenset({"withdraw"})
MAY_AUDIT = frozenset({"audit"})


def _private(handler: Handler) -> Route:
    return Route(handler, private=True)


def _trading(handler: Handler, permissions: frozenset[str] = MAY_ORDER, is_order: bool = True) -> Route:
    return Route(handler, private=True, permissions=permissions, is_order=is_order)


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", API): Route(market.root),
    ("GET", f"{API}/wallet/assets"): Route(market.assets),
    ("GET", f"{API}/wallet/networks"): Route(market.networks),
    ("GET", f"{API}/instrument"): Route(market.instrument),
    ("GET", f"{API}/instrument/active"): Route(market.active),
    ("GET", f"{API}/instrument/indices"): Route(market.indices),
    ("GET", f"{API}/instrument/activeAndIndices"): Route(market.active_and_indices),
    ("GET", f"{API}/instrument/activeIntervals"): Route(market.active_intervals),
    ("GET", f"{API}/instrument/compositeIndex"): Route(market.composite_index),
    ("GET", f"{API}/orderBook/L2"): Route(market.order_book),
    ("GET", f"{API}/trade"): Route(market.trade),
    ("GET", f"{API}/trade/bucketed"): Route(market.trade_bucketed),
    ("GET", f"{API}/quote"): Route(market.quote),
    ("GET", f"{API}/quote/bucketed"): Route(market.quote_bucketed),
    ("GET", f"{API}/funding"): Route(risk.funding),
    ("GET", f"{API}/insurance"): Route(risk.insurance),
    ("GET", f"{API}/liquidation"): Route(risk.liquidation),
    ("GET", f"{API}/settlement"): Route(risk.settlement),
    ("GET", f"{API}/order"): _private(orders.list_orders),
    ("POST", f"{API}/order"): _trading(orders.place),
    ("PUT", f"{API}/order"): _trading(orders.amend),
    ("DELETE", f"{API}/order"): _trading(orders.cancel, MAY_CANCEL),
    ("DELETE", f"{API}/order/all"): _trading(orders.cancel_all, MAY_CANCEL),
    ("POST", f"{API}/order/bulk"): _trading(bulk.place),
    ("PUT", f"{API}/order/bulk"): _trading(bulk.amend),
    ("POST", f"{API}/order/cancelAllAfter"): _trading(bulk.cancel_all_after, MAY_CANCEL, is_order=False),
    ("POST", f"{API}/order/closePosition"): _trading(orders.close_position),
    ("GET", f"{API}/execution"): _private(account.execution),
    ("GET", f"{API}/execution/tradeHistory"): _private(account.trade_history),
    ("GET", f"{API}/position"): _private(account.position),
    ("POST", f"{API}/position/leverage"): _trading(account.leverage),
    ("POST", f"{API}/position/isolate"): _trading(account.isolate),
    ("POST", f"{API}/position/transferMargin"): _trading(account.transfer_margin),
    ("POST", f"{API}/position/riskLimit"): _trading(account.risk_limit, is_order=False),
    ("GET", f"{API}/user"): _private(account.user),
    ("GET", f"{API}/user/margin"): _private(account.margin),
    ("GET", f"{API}/user/wallet"): _private(account.wallet),
    ("GET", f"{API}/user/walletHistory"): _private(wallets.wallet_history),
    ("GET", f"{API}/user/walletSummary"): _private(wallets.wallet_summary),
    ("GET", f"{API}/user/commission"): _private(account.commission),
    ("GET", f"{API}/user/tradingVolume"): _private(account.trading_volume),
    ("GET", f"{API}/user/quoteFillRatio"): _private(quoting.quote_fill_ratio),
    ("GET", f"{API}/user/getWalletTransferAccounts"): _private(money.transfer_accounts),
    ("POST", f"{API}/user/walletTransfer"): _trading(money.wallet_transfer, MAY_WITHDRAW, is_order=False),
    ("GET", f"{OURS}/command"): _private(ours.command),
    ("GET", f"{OURS}/session"): _private(ours.session),
    ("GET", f"{OURS}/states"): Route(states.states),
    ("GET", f"{OURS}/auction"): Route(states.auction),
    ("GET", f"{OURS}/dockets"): Route(contracts.dockets),
    ("GET", f"{OURS}/averages"): Route(contracts.averages),
    ("GET", f"{OURS}/chain"): Route(contracts.chain),
    ("POST", f"{OURS}/dispute"): _trading(contracts.dispute, is_order=False),
    ("GET", f"{OURS}/account"): _private(states.account),
    ("POST", f"{OURS}/account"): _trading(states.set_self_trade, is_order=False),
    ("GET", f"{OURS}/receipt"): _private(receipts.receipt),
    ("GET", f"{OURS}/frame"): Route(receipts.frame),
    ("GET", f"{OURS}/key"): Route(receipts.key),
    ("GET", f"{OURS}/journal"): Route(ours.journal, private=True, permissions=MAY_AUDIT, of_account=False),
    ("GET", f"{OURS}/explain/mark"): Route(explain.mark),
    ("GET", f"{OURS}/explain/index"): Route(explain.index),
    ("GET", f"{OURS}/explain/funding"): Route(explain.funding),
    ("GET", f"{OURS}/explain/margin"): _private(explain.margin),
    ("GET", f"{OURS}/explain/liquidation"): _private(explain.liquidation),
    ("GET", f"{OURS}/explain/deleveraging"): _private(explain.deleveraging),
}
