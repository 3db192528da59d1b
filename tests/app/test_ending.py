"""`outcry expiry`, `settle`, `convert` and `docket`: the operator's words reach a running node and are seen to hold."""

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from outcry.app import ending, ruling
from outcry.app.cli import app
from outcry.app.ruling import CannotRule
from outcry.app.settings import Files
from outcry.engine.contract_stated import ContractStated
from outcry.node.settings import NodeSettings
from outcry.node.shell import ask_admin, run_node
from outcry.protocol.layout import Convert, DisputeOutcome, InstrumentType, MarkMethod
from outcry.protocol.wire import put_bytes
from tests.app.test_ruling import hand_in
from tests.engine.questions import PREDICTION
from tests.engine.worlds import xbtusd

FAR_NS = 4_102_444_800 * 10**9
CONVERSION = """
index = ".BXBT"
type = "perpetual"
mark = "funding"
impact_notional = "1.5"
funding_rate = "0.01 %"
funding_interval = "8 h"
funding_offset = "4 h"
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a node that runs, with XBTUSD and the future XBTZ99, which ends in the year 2100."""
    folder = tmp_path_factory.mktemp("node")
    ready = threading.Event()

    async def serve() -> None:
        await run_node(folder, NodeSettings(handle_signals=False), ready=ready.set)

    node = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    node.start()
    assert ready.wait(20)
    world = xbtusd()
    world.instrument(
        "XBTZ99",
        instrument_type=InstrumentType.FUTURE,
        mark_method=MarkMethod.MARK_IMPACT,
        funding_interval_ns=0,
        funding_rate_ppb=0,
        funding_offset_ns=0,
        impact_notional_minor=10**8,
        expiry_ns=FAR_NS,
    )
    world.instrument("P_RAIN", **PREDICTION)
    world.trader(1, 10**10)
    asyncio.run(hand_in(folder, world.journal))
    yield folder
    asyncio.run(ask_admin(Files(folder).socket, {"ask": "stop"}))
    node.join(20)


def run(data: Path, *words: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, (*words, "--data", str(data)))
    return told.exit_code, told.output


def test_an_end_is_put_off(data: Path) -> None:
    assert run(data, "expiry", "XBTZ99", "2101-01-01T00:00:00Z", "--words", "an exchange was closed") == (
        0, "XBTZ99  a future, open, expiry 2101-01-01T00:00:00Z\n",
    )  # fmt: skip
    code, text = run(data, "expiry", "XBTZ99", "2102-01-01T00:00:00Z", "--json")
    assert code == 0
    assert msgspec.json.decode(text.encode(), type=ContractStated).expiry_ns == 4_165_516_800 * 10**9


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("expiry", "NONE", "+2h"), "there is no NONE"),
        (("expiry", "XBTZ99", "2101-01-01T00:00:30Z"), "is no whole minute"),
        (("expiry", "XBTZ99", "soon"), "'soon' is no time"),
        (("settle", "XBTZ99", "60000"), "the engine refused it: XBTZ99 is a future, open"),
        (("settle", "XBTZ99", "60000.001"), "60000.001 is no price of XBTZ99 to a sub-tick"),
        (("settle", "XBTZ99", "much"), "'much' is no price"),
        (("convert", "XBTZ99", "missing.toml"), "missing.toml"),
        (("docket", "propose", "XBTZ99", "100", "missing.pdf"), "missing.pdf cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_status_1(data: Path, words: tuple[str, ...], sentence: str) -> None:
    code, text = run(data, *words)
    assert code == 1
    assert sentence in text
    assert text.count("\n") == 1


def test_what_is_no_prediction_has_no_answer(data: Path, tmp_path: Path) -> None:
    source = tmp_path / "page.html"
    source.write_bytes(b"<p>yes</p>")
    for verb in ("propose", "decide"):
        code, text = run(data, "docket", verb, "XBTZ99", "void", str(source))
        assert (code, "the engine refused it" in text) == (1, True)


def test_an_answer_is_proposed_disputed_and_decided(data: Path, tmp_path: Path) -> None:
    source = tmp_path / "page.html"
    source.write_bytes(b"<p>it did not rain</p>")
    code, text = run(data, "docket", "propose", "P_RAIN", "0", str(source), "--words", "by the weather service")
    assert code == 0
    assert text.startswith("P_RAIN  a prediction, open, outcome 0 proposed, disputable until 20")
    record = DisputeOutcome(account=8, instrument=3)
    put_bytes(record.source_hash, hashlib.sha256(b"it did").digest())
    asyncio.run(ruling.submit(Files(data).socket, record, b""))
    code, text = run(data, "docket", "decide", "P_RAIN", "void", str(source), "--json")
    assert code == 0
    found = msgspec.json.decode(text.encode(), type=ContractStated)
    assert (found.stage, found.voided, found.settled_by) == ("decided", True, "void")
    assert found.source_hash == hashlib.sha256(source.read_bytes()).hexdigest()


def stated(**more: Any) -> ContractStated:
    fields: dict[str, Any] = dict.fromkeys(ContractStated.__struct_fields__, 0)
    words = {"symbol": "NEWZ26", "type": "prelaunch", "state": "open", "settled_by": "", "stage": "", "source_hash": ""}
    scales = {"number": 3, "price_decimals": 2, "tick_units": 5, "subticks_per_tick": 10, "currency_scale": 6}
    return ContractStated(**{**fields, **words, **scales, "indices": [".BXBT", ".BNEW"], "voided": False, **more})


def test_a_file_becomes_a_conversion() -> None:
    asked = msgspec.toml.decode(CONVERSION.encode(), type=ending.Conversion)
    record = ending.conversion_of(stated(), asked)
    told = {name: getattr(record, name) for name, *_ in Convert._fields_ if not name.startswith("pad")}
    assert told == {
        "instrument": 3, "index": 1, "instrument_type": InstrumentType.PERPETUAL, "usd_index": 0, "expiry_ns": 0,
        "mark_method": MarkMethod.MARK_FUNDING, "impact_notional_minor": 1_500_000, "funding_rate_ppb": 100_000,
        "funding_interval_ns": 8 * 3_600 * 10**9, "funding_offset_ns": 4 * 3_600 * 10**9,
    }  # fmt: skip
    with pytest.raises(CannotRule, match=r"there is no index \.BETH"):
        ending.conversion_of(stated(), msgspec.structs.replace(asked, index=".BETH"))
    with pytest.raises(CannotRule, match="mark one of"):
        ending.conversion_of(stated(), msgspec.structs.replace(asked, mark="guess"))


def test_prices_and_questions_in_words() -> None:
    assert ending.subticks(stated(), "100.005") == 20_001
    assert ending.price_text(stated(), 20_001) == "100.005"
    question = stated(
        type="prediction", stage="proposed", outcome_subticks=20_000, until_ns=FAR_NS,
        source_hash=hashlib.sha256(b"").hexdigest(),
    )  # fmt: skip
    assert ending.line_of(question) == (
        "a prediction, open, outcome 100 proposed, disputable until 2100-01-01T00:00:00Z"
    )
    assert ending.line_of(stated(stage="decided", voided=True)).endswith("outcome void decided")
    ended = stated(state="settled", settled_by="average", settlement_subticks=0)
    assert ending.line_of(ended) == "a prelaunch, settled, settled by average at 0"
