"""The tables of the stream: keys, types of columns, foreign keys and attributes, as partials tell them (API 3.3, 3.4).

First how a table is described, then the tables, then the topics that mean them.  A test holds the types against the
rows that are sent.  Tables of what this venue does not have yet are here too, because an empty partial needs them.
"""

import msgspec

WORDS = {
    "y": "symbol",
    "s": "string",
    "l": "long",
    "f": "float",
    "b": "boolean",
    "t": "timestamp",
    "p": "timespan",
    "g": "guid",
}


class Table(msgspec.Struct, frozen=True):
    """How a table is told in a partial.  Private ones belong to an account."""

    name: str
    keys: tuple[str, ...]
    types: dict[str, str]
    foreign_keys: dict[str, str]
    attributes: dict[str, str]
    private: bool = False
    by_symbol: bool = True
    """Whether a row has an instrument, so that a topic may name one."""


def _typed(columns: str) -> dict[str, str]:
    pairs = (one.split(":") for one in columns.split())
    return {name: WORDS[letter] for name, letter in pairs}


BOOK = "symbol:y id:l side:y size:l price:f timestamp:t transactTime:t"
BOOK_10 = "symbol:y bids:l asks:l timestamp:t transactTime:t"
QUOTE = "timestamp:t symbol:y bidSize:l bidPrice:f askPrice:f askSize:l"
TRADE = """
timestamp:t symbol:y side:y size:l price:f tickDirection:y trdMatchID:g grossValue:l homeNotional:f foreignNotional:f
trdType:y
"""
TRADE_BIN = """
timestamp:t symbol:y open:f high:f low:f close:f trades:l volume:l vwap:f lastSize:l turnover:l homeNotional:f
foreignNotional:f
"""
INSTRUMENT = """
symbol:y rootSymbol:y state:y typ:y listing:t front:t expiry:t settle:t listedSettle:t positionCurrency:y underlying:y
quoteCurrency:y underlyingSymbol:y reference:y referenceSymbol:y calcInterval:p publishInterval:p publishTime:p
maxOrderQty:l maxPrice:f lotSize:l tickSize:f multiplier:l settlCurrency:y underlyingToPositionMultiplier:l
underlyingToSettleMultiplier:l quoteToSettleMultiplier:l isQuanto:b isInverse:b initMargin:f maintMargin:f riskLimit:l
riskStep:l limit:f taxed:b deleverage:b makerFee:f takerFee:f settlementFee:f fundingBaseSymbol:y fundingQuoteSymbol:y
fundingPremiumSymbol:y fundingTimestamp:t fundingInterval:p fundingRate:f indicativeFundingRate:f rebalanceTimestamp:t
rebalanceInterval:p prevClosePrice:f limitDownPrice:f limitUpPrice:f totalVolume:l volume:l volume24h:l
prevTotalTurnover:l totalTurnover:l turnover:l turnover24h:l homeNotional24h:f foreignNotional24h:f prevPrice24h:f
vwap:f highPrice:f lowPrice:f lastPrice:f lastPriceProtected:f lastTickDirection:y lastChangePcnt:f bidPrice:f
midPrice:f askPrice:f impactBidPrice:f impactMidPrice:f impactAskPrice:f hasLiquidity:b openInterest:l openValue:l
fairMethod:y fairBasisRate:f fairBasis:f fairPrice:f markMethod:y markPrice:f indicativeSettlePrice:f
settledPriceAdjustmentRate:f settledPrice:f instantPnl:b minTick:f timestamp:t relistInterval:p inverseLeg:y sellLeg:y
buyLeg:y optionStrikePcnt:f optionStrikeRound:f optionStrikePrice:f optionMultiplier:f capped:b insuranceFee:f
openingTimestamp:t closingTimestamp:t sessionInterval:p bankruptLimitDownPrice:f bankruptLimitUpPrice:f
prevTotalVolume:l indicativeTaxRate:f optionUnderlyingPrice:f instrumentID:l minPrice:f nearLegSymbol:y
farLegSymbol:y indicativeAuctionPrice:f indicativeAuctionVolume:l
"""
ORDER = """
orderID:g clOrdID:s clOrdLinkID:s account:l symbol:y side:y orderQty:l price:f displayQty:l stopPx:f pegOffsetValue:f
pegPriceType:y currency:y settlCurrency:y ordType:y timeInForce:y execInst:y contingencyType:y ordStatus:y triggered:y
workingIndicator:b ordRejReason:y leavesQty:l cumQty:l avgPx:f text:s transactTime:t timestamp:t
"""
EXECUTION = f"""
execID:g {ORDER} lastQty:l lastPx:f lastLiquidityInd:y execType:y commission:f feeType:y tradePublishIndicator:y
trdMatchID:g execCost:l execComm:l homeNotional:f foreignNotional:f
"""
POSITION = """
account:l symbol:y currency:y underlying:y quoteCurrency:y commission:f initMarginReq:f maintMarginReq:f riskLimit:l
leverage:f crossMargin:b deleveragePercentile:f rebalancedPnl:l prevRealisedPnl:l prevUnrealisedPnl:l openingQty:l
openOrderBuyQty:l openOrderBuyCost:l openOrderBuyPremium:l openOrderSellQty:l openOrderSellCost:l openOrderSellPremium:l
currentQty:l currentCost:l currentComm:l realisedCost:l unrealisedCost:l grossOpenPremium:l isOpen:b markPrice:f
markValue:l riskValue:l homeNotional:f foreignNotional:f posState:y posCost:l posCross:l posComm:l posLoss:l posMargin:l
posMaint:l initMargin:l maintMargin:l realisedPnl:l unrealisedPnl:l unrealisedPnlPcnt:f unrealisedRoePcnt:f
avgCostPrice:f avgEntryPrice:f breakEvenPrice:f marginCallPrice:f liquidationPrice:f bankruptPrice:f timestamp:t
lastPrice:f lastValue:l execBuyQty:l execSellQty:l prevClosePrice:f posInit:l
"""
MARGIN = """
account:l currency:y riskLimit:l state:y amount:l prevRealisedPnl:l grossComm:l grossOpenCost:l grossOpenPremium:l
grossExecCost:l grossMarkValue:l riskValue:l initMargin:l maintMargin:l targetExcessMargin:l realisedPnl:l
unrealisedPnl:l walletBalance:l marginBalance:l marginLeverage:f marginUsedPcnt:f excessMargin:l availableMargin:l
withdrawableMargin:l makerFeeDiscount:f takerFeeDiscount:f timestamp:t
"""
WALLET = """
account:l currency:y deposited:l withdrawn:l transferIn:l transferOut:l amount:l pendingCredit:l pendingDebit:l
confirmedDebit:l timestamp:t
"""
TRANSACT = """
transactID:g account:l currency:y network:y transactType:y amount:l fee:l transactStatus:y address:s tx:s text:s
transactTime:t timestamp:t walletBalance:l
"""
FUNDING = "timestamp:t symbol:y fundingInterval:p fundingRate:f fundingRateDaily:f"
INSURANCE = "currency:y timestamp:t walletBalance:l"
LIQUIDATION = "orderID:g symbol:y side:y price:f leavesQty:l"
SETTLEMENT = """
timestamp:t symbol:y settlementType:y settledPrice:f optionStrikePrice:f optionUnderlyingPrice:f bankrupt:l taxBase:l
taxRate:f
"""
ANNOUNCEMENT = "id:l link:s title:s content:s date:t"
CHAT = "id:l date:t user:s message:s html:s channelID:l"
CONNECTED = "id:l users:l bots:l"
NOTIFICATION = "id:l date:t title:s body:s ttl:l type:y closable:b persist:b waitForVisibility:b sound:y"
AFFILIATE = """
account:l currency:y prevPayout:l prevTurnover:l prevComm:l prevTimestamp:t execTurnover:l execComm:l totalReferrals:l
totalTurnover:l totalComm:l payoutPcnt:f pendingPayout:l timestamp:t referrerAccount:f referralDiscount:f
affiliatePayout:f
"""
STATES = "subject:y symbol:y state:y cause:y until:t nextState:y timestamp:t"
AUCTION = "symbol:y price:f volume:l surplus:l fixed:b timestamp:t"
ACCOUNT = "account:l state:y cause:y until:t selfTrade:y smallOrdersUntil:t timestamp:t"
DOCKETS = """
symbol:y stage:y outcome:f voided:b disputableUntil:t sourceHash:s bond:l bondCurrency:y disputeSeconds:l timestamp:t
"""
AVERAGES = "symbol:y indexSymbol:y price:f samples:l timestamp:t"
CHAIN = """
symbol:y underlying:y expiry:t strike:f typ:y state:y bidPrice:f bidSize:l askPrice:f askSize:l markPrice:f lastPrice:f
volatility:f delta:f gamma:f vega:f theta:f forwardPrice:f openInterest:l volume24h:l modelled:t timestamp:t
"""
"""These six are ours."""
SYMBOL_AND_SIDE = {"symbol": "instrument", "side": "side"}
OF_SYMBOL = {"symbol": "instrument"}
ORDER_FOREIGN = {"symbol": "instrument", "side": "side", "ordStatus": "ordStatus"}
SORTED_BY_TIME = {"timestamp": "sorted", "symbol": "grouped"}
OWN = {"account": "grouped", "symbol": "grouped"}
BIN_NAMES = ("1m", "5m", "1h", "1d")


def _tables() -> list[Table]:
    book_attributes = {"symbol": "parted", "id": "sorted"}
    book_keys = ("symbol", "id", "side")
    found = [
        Table("instrument", ("symbol",), _typed(INSTRUMENT), {}, {"symbol": "unique"}),
        Table("orderBookL2", book_keys, _typed(BOOK), SYMBOL_AND_SIDE, book_attributes),
        Table("orderBookL2_25", book_keys, _typed(BOOK), SYMBOL_AND_SIDE, book_attributes),
        Table("orderBook10", ("symbol",), _typed(BOOK_10), OF_SYMBOL, {"symbol": "sorted"}),
        Table("quote", (), _typed(QUOTE), OF_SYMBOL, SORTED_BY_TIME),
        Table("trade", (), _typed(TRADE), SYMBOL_AND_SIDE, SORTED_BY_TIME),
        Table("funding", ("timestamp", "symbol"), _typed(FUNDING), OF_SYMBOL, SORTED_BY_TIME),
        Table("liquidation", ("orderID",), _typed(LIQUIDATION), SYMBOL_AND_SIDE, {"orderID": "unique"}),
        Table("settlement", ("timestamp", "symbol"), _typed(SETTLEMENT), OF_SYMBOL, SORTED_BY_TIME),
        Table("states", ("subject",), _typed(STATES), OF_SYMBOL, {"subject": "unique"}),
        Table("auction", ("symbol",), _typed(AUCTION), OF_SYMBOL, {"symbol": "unique"}),
        Table("dockets", ("symbol",), _typed(DOCKETS), OF_SYMBOL, {"symbol": "unique"}),
        Table("averages", ("symbol",), _typed(AVERAGES), OF_SYMBOL, {"symbol": "unique"}),
        Table("chain", ("symbol",), _typed(CHAIN), OF_SYMBOL, {"symbol": "unique"}),
        Table("insurance", ("currency", "timestamp"), _typed(INSURANCE), {}, {"timestamp": "sorted"}, by_symbol=False),
    ]
    for size in BIN_NAMES:
        found.append(Table(f"quoteBin{size}", (), _typed(QUOTE), OF_SYMBOL, SORTED_BY_TIME))
        found.append(Table(f"tradeBin{size}", (), _typed(TRADE_BIN), OF_SYMBOL, SORTED_BY_TIME))
    for name, columns in (
        ("announcement", ANNOUNCEMENT),
        ("chat", CHAT),
        ("connected", CONNECTED),
        ("publicNotifications", NOTIFICATION),
    ):
        found.append(Table(name, ("id",), _typed(columns), {}, {"id": "sorted"}, by_symbol=False))
    return found


def _private_tables() -> list[Table]:
    money = {"account": "sorted", "currency": "grouped"}
    money_keys = ("account", "currency")
    return [
        Table("order", ("orderID",), _typed(ORDER), ORDER_FOREIGN, {"orderID": "grouped", **OWN}, private=True),
        Table("execution", ("execID",), _typed(EXECUTION), ORDER_FOREIGN, {"execID": "grouped", **OWN}, private=True),
        Table("position", ("account", "symbol", "currency"), _typed(POSITION), OF_SYMBOL, OWN, private=True),
        Table("margin", money_keys, _typed(MARGIN), {}, money, private=True, by_symbol=False),
        Table("wallet", money_keys, _typed(WALLET), {}, money, private=True, by_symbol=False),
        Table(
            "transact", ("transactID",), _typed(TRANSACT), {}, {"transactID": "unique"}, private=True, by_symbol=False
        ),
        Table("account", ("account",), _typed(ACCOUNT), {}, {"account": "sorted"}, private=True, by_symbol=False),
        Table("affiliate", money_keys, _typed(AFFILIATE), {}, money, private=True, by_symbol=False),
        Table(
            "privateNotifications", ("id",), _typed(NOTIFICATION), {}, {"id": "sorted"}, private=True, by_symbol=False
        ),
    ]


TABLES: dict[str, Table] = {table.name: table for table in (*_tables(), *_private_tables())}
ALIASES = {"orderBookL10": "orderBook10"}
"""A client asks for a topic that never was, and means this one."""
GROUPS = frozenset({"CONTRACTS", "INDICES", "DERIVATIVES", "SPOT"})
"""What `instrument:` may name instead of a symbol."""
SESSION_OPERATION = "session"
"""Ours: how the line is served."""
OPERATIONS = (
    *("authKey", "authKeyExpires", "cancelAllAfter", "help", "ping"),
    *(SESSION_OPERATION, "subscribe", "unsubscribe", "usage"),
)
INSTRUMENT_TABLE, QUOTE_TABLE, TRADE_TABLE = "instrument", "quote", "trade"
QUOTE_BIN, TRADE_BIN_PREFIX = "quoteBin", "tradeBin"
BOOK_TABLE, BOOK_25_TABLE, BOOK_10_TABLE = BOOK_TABLES = ("orderBookL2", "orderBookL2_25", "orderBook10")
BOOK_DEPTHS = {BOOK_25_TABLE: 25, BOOK_10_TABLE: 10}
ORDER_TABLE, EXECUTION_TABLE, TRANSACT_TABLE = "order", "execution", "transact"
FUNDING_TABLE, INSURANCE_TABLE, LIQUIDATION_TABLE = "funding", "insurance", "liquidation"
SETTLEMENT_TABLE = "settlement"
DOCKETS_TABLE, AVERAGES_TABLE, CHAIN_TABLE = "dockets", "averages", "chain"
STATES_TABLE, AUCTION_TABLE, ACCOUNT_TABLE = "states", "auction", "account"
POSITION_TABLE, MARGIN_TABLE, WALLET_TABLE = "position", "margin", "wallet"
_ALWAYS = """
symbol timestamp bidPrice askPrice midPrice lastPrice markPrice highPrice lowPrice prevPrice24h vwap homeNotional24h
foreignNotional24h
"""
ALWAYS = tuple(_ALWAYS.split())
"""Columns of every change of an instrument, because clients take a missing one for null (API 5.1)."""
