"""The columns of rows that start out blank (API 2.3), so that every key is there and null where nothing is known."""

_INSTRUMENT = """
symbol rootSymbol state typ listing front expiry settle listedSettle positionCurrency underlying quoteCurrency
underlyingSymbol reference referenceSymbol calcInterval publishInterval publishTime maxOrderQty maxPrice
lotSize tickSize multiplier settlCurrency underlyingToPositionMultiplier underlyingToSettleMultiplier
quoteToSettleMultiplier isQuanto isInverse initMargin maintMargin riskLimit riskStep limit taxed deleverage
makerFee takerFee settlementFee fundingBaseSymbol fundingQuoteSymbol fundingPremiumSymbol fundingTimestamp
fundingInterval fundingRate indicativeFundingRate rebalanceTimestamp rebalanceInterval prevClosePrice
limitDownPrice limitUpPrice totalVolume volume volume24h prevTotalTurnover totalTurnover turnover turnover24h
homeNotional24h foreignNotional24h prevPrice24h vwap highPrice lowPrice lastPrice lastPriceProtected
lastTickDirection lastChangePcnt bidPrice midPrice askPrice impactBidPrice impactMidPrice impactAskPrice
hasLiquidity openInterest openValue fairMethod fairBasisRate fairBasis fairPrice markMethod markPrice
indicativeSettlePrice settledPriceAdjustmentRate settledPrice instantPnl minTick timestamp
"""
_INSTRUMENT_OLDER = """
relistInterval inverseLeg sellLeg buyLeg optionStrikePcnt optionStrikeRound optionStrikePrice optionMultiplier
capped insuranceFee openingTimestamp closingTimestamp sessionInterval bankruptLimitDownPrice
bankruptLimitUpPrice prevTotalVolume indicativeTaxRate optionUnderlyingPrice instrumentID
"""
_INSTRUMENT_OURS = "minPrice nearLegSymbol farLegSymbol indicativeAuctionPrice indicativeAuctionVolume"
_ORDER = """
orderID clOrdID clOrdLinkID account symbol side orderQty price displayQty stopPx pegOffsetValue pegPriceType
currency settlCurrency ordType timeInForce execInst contingencyType ordStatus triggered workingIndicator
ordRejReason leavesQty cumQty avgPx text transactTime timestamp
"""
_POSITION_PRICES = """
avgCostPrice avgEntryPrice breakEvenPrice marginCallPrice liquidationPrice bankruptPrice
"""
_USER = """
firstname lastname accountName email dateOfBirth phone created lastUpdated affiliateID country geoipCountry
geoipRegion firstTradeTimestamp firstDepositTimestamp
"""
INSTRUMENT_COLUMNS = (*_INSTRUMENT.split(), *_INSTRUMENT_OLDER.split(), *_INSTRUMENT_OURS.split())
"""The 89 of 2024, then the ones dropped then that clients still read, then later ones and ours."""
ORDER_COLUMNS = tuple(_ORDER.split())
POSITION_PRICE_COLUMNS = tuple(_POSITION_PRICES.split())
"""Null while there is no position."""
USER_COLUMNS = tuple(_USER.split())
"""What this venue does not know about people."""
