"""A crash for people, line by line."""

from collections.abc import Iterator

from outcry.app.scenario.crash import Crash


def lines(crash: Crash) -> Iterator[str]:
    """What happened, what it cost whom, and whether everything is still there."""
    yield (
        f"crash: seed {crash.seed}, {crash.accounts:,} accounts ({crash.together:,} of them cross), "
        f"{crash.positions:,} positions opened"
    )
    steps = ", ".join(f"{name} {count:,}" for name, count in crash.steps.items())
    yield f"liquidations  {crash.liquidated:,} accounts; steps: {steps or 'none'}"
    reducing = ", ".join(crash.reducing) or "none"
    yield f"takeovers     {crash.takeovers:,}, {crash.stuck:,} of them found nobody; reduce-only: {reducing}"
    for symbol, taken in crash.taken.items():
        if taken:
            yield (
                f"  {symbol:<10}{taken:>16,} contracts taken over, {crash.filled[symbol]:,} traded, "
                f"{crash.deleveraged[symbol]:,} deleveraged, {crash.left[symbol]:,} left"
            )
    for fund in crash.funds:
        yield (
            f"fund          {fund.currency}: {fund.before:,} before, lowest {fund.lowest:,}, {fund.after:,} after; "
            f"{fund.paid_in:,} in, {fund.paid_out:,} out; takeovers' wallet {fund.takeover_wallet:,}"
        )
    yield f"deleveraging  {crash.deleveragings:,} positions in {crash.rounds:,} rounds"
    for symbol, policies in crash.alternatives.items():
        told = ", ".join(f"{name} {quantity:,}" for name, quantity in sorted(policies.items()))
        yield f"  {symbol:<10}of those who gave, contracts that each policy would have taken: {told}"
    yield f"funding       {crash.funded:,} positions paid or got it during the fall"
    for money in crash.law.currencies:
        verdict = "holds" if money.adds_up else "BROKEN"
        yield f"LAW-03        {money.currency}: held {money.held_minor:,}, owed {money.owed_minor:,} ({verdict})"
    for contracts in crash.law.instruments:
        cost = contracts.lifetime_cost_minor + contracts.closed_cost_minor
        verdict = "holds" if contracts.adds_up else "BROKEN"
        yield f"LAW-03        {contracts.symbol}: quantity {contracts.quantity:,}, cost {cost:,} ({verdict})"
    yield (
        f"time          {crash.seconds:.1f} s in all, {crash.engine_seconds:.2f} s of it the fall and the gap; "
        f"{crash.entries:,} entries, the slowest {crash.slowest_ms:.1f} ms ({crash.slowest_kind})"
    )
    yield f"root          {crash.root}"
    for sentence in crash.failures:
        yield f"FAILED        {sentence}"
    if not crash.failures:
        yield (
            "verdict       as it should be: somebody was deleveraged, a fund was emptied to less than a hundredth (it "
            "pays whole lots), a takeover found nobody, and nothing was lost"
        )
