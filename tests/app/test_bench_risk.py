"""`outcry bench risk` in small: what is measured happens, and conserves everything."""

from outcry.app.bench import figures, risk


def test_marks_funding_and_a_gap_are_measured() -> None:
    told = risk.run(figures.Options(small=True))
    names = [row.name for row in told.rows]
    wanted = [
        "mark moves 0.1 %",
        "the longest of them",
        "accounts whose bands were left",
        f"funding of {risk.ALONE_SMALL + 3 * risk.TOGETHER_SMALL:,} positions",
        "the whole epoch",
        f"{risk.GAPPED_SMALL:,} accounts liquidated in one gap",
        "the slowest entry of it",
    ]
    assert [name[: len(begin)] for name, begin in zip(names, wanted, strict=True)] == wanted
    assert [row.budget for row in told.rows if row.budget] == ["<= 3", "<= 5", "<= 1", "<= 2"]
    assert all(row.figure >= 0 for row in told.rows)
    assert told.commands > 5_000
