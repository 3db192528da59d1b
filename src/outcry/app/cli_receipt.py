"""`outcry receipt ...`: get a receipt and keep it, check what is kept, show a proof.

First the commands, then what they read, then what they say.  Status 0: all in order; 1: it could not be done; 3: a
receipt or a proof does not say what it claims; 4: there is proof against the venue.  Everything is checked by `client`,
which has nothing but the public key; only the journal that `check` is shown is read with the venue's own code.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from outcry.app.settings import SettingsError
from outcry.app.speaking import complain, explained, journal_of, say
from outcry.client import (
    ClientError,
    Credentials,
    Evidence,
    NotFound,
    Receipt,
    ReceiptBook,
    SignedFrame,
    Unsound,
    VenueClient,
)
from outcry.client.receipt_book import TWO_FRAMES, check_evidence
from outcry.client.receipts import check_frame, said_in
from outcry.journal.errors import JournalPruned
from outcry.journal.finding import Finder
from outcry.journal.frames import HEADER_BYTES, Frame, check_entries
from outcry.journal.reading import beginning_of, read_frames, read_genesis

UNSOUND, PROVEN = 3, 4
Shape = TypeVar("Shape")
receipt_app = typer.Typer(
    help="What the venue signed about your commands: get it, check it, prove it.", no_args_is_help=True
)

BookOption = Annotated[Path, typer.Option(help="Where receipts are kept, one JSON object a line.")]
KnownKeyOption = Annotated[
    str, typer.Option("--venue-key", help="The venue's public key, if you know it from elsewhere.")
]
EvidenceOption = Annotated[Path, typer.Option(help="Where a proof is written, should there be one.")]


def add_to(app: typer.Typer) -> None:
    """Put the family into the command line."""
    app.add_typer(receipt_app, name="receipt")


@receipt_app.command("get")
def get(
    key: Annotated[str, typer.Option(envvar="OUTCRY_KEY", help="An API key of the account.")],
    secret: Annotated[str, typer.Option(envvar="OUTCRY_SECRET", help="Its secret.")],
    sequences: Annotated[
        list[int] | None, typer.Argument(help="Numbers of entries, as `outcry-entry` names them.")
    ] = None,
    client_id: Annotated[str, typer.Option(help="Of the order of this clOrdID, also if it was refused.")] = "",
    order_id: Annotated[str, typer.Option(help="Of the order of this orderID.")] = "",
    url: Annotated[str, typer.Option(help="Where the venue answers.")] = "http://127.0.0.1:8080",
    book: BookOption = Path("receipts.jsonl"),
    evidence: EvidenceOption = Path("evidence.json"),
) -> None:
    """Ask the venue for receipts of your commands, check them, and keep them."""
    if not sequences and not client_id and not order_id:
        complain("name an entry: a sequence, --client-id or --order-id")
        raise typer.Exit(1)
    with _told():
        kept = ReceiptBook.open(book)
        asked = [(sequence, "", "") for sequence in sequences or ()]
        if client_id or order_id:
            asked.append((0, order_id, client_id))
        found = asyncio.run(_fetch(kept, url, Credentials(key, secret), asked))
        proofs: dict[tuple[str, ...], Evidence] = {}
        for receipt in found:
            for one in kept.keep(receipt, **({"client_id": client_id} if client_id and receipt is found[-1] else {})):
                proofs[tuple(sorted(frame.header for frame in one.frames))] = one
            say(_line(receipt))
        say(f"kept in {book}, under the signing key {kept.key.hex()}")
    _finish(list(proofs.values()), evidence)


async def _fetch(
    book: ReceiptBook, url: str, credentials: Credentials, asked: list[tuple[int, str, str]]
) -> list[Receipt]:
    """The receipts, and the venue's key pinned.  Raises `ClientError`."""
    async with VenueClient(url, credentials) as client:
        book.pin(await client.key())
        found = []
        for sequence, order_id, client_id in asked:
            try:
                found.append(await client.receipt(sequence or None, order_id=order_id, client_id=client_id))
            except NotFound as problem:
                name = sequence or client_id or order_id
                raise SettingsError(f"the venue knows no entry {name} of this account") from problem
        return found


@receipt_app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Books, receipts or proofs.")],
    journal: Annotated[str, typer.Option(help="A data folder, a journal, or a venue's URL: is everything in it?")] = "",
    venue_key: KnownKeyOption = "",
    evidence: EvidenceOption = Path("evidence.json"),
) -> None:
    """Check receipts by themselves, against each other, and against a journal that you are shown."""
    with _told():
        book = _read(files, venue_key)
        proofs = book.contradictions()
        missing = list(_compare(book, journal, proofs)) if journal else []
        for line in missing:
            complain(line)
    if missing and not proofs:
        raise typer.Exit(UNSOUND)
    _finish(proofs, evidence)
    held = sum(map(len, book.receipts.values()))
    say(f"in order: {held} {'receipt' if held == 1 else 'receipts'} under the signing key {book.key.hex()}")


@receipt_app.command("prove")
def prove(
    file: Annotated[Path, typer.Argument(help="A proof, as `check` and `get` write it.")],
    venue_key: KnownKeyOption = "",
) -> None:
    """Check a proof against a venue with the public key alone, and say what it proves."""
    with _told():
        proof = _decoded(file, Evidence)
        say(f"proven: {check_evidence(proof, _key_of(venue_key) if venue_key else None)}")
        say(f"signing key {proof.key}")
        if not venue_key:
            say("note    the key is the proof's own: compare it with the venue's, or name that with --venue-key")


def _read(files: list[Path], venue_key: str) -> ReceiptBook:
    """All receipts of these files in one book in memory, under one key.  Raises `Unsound`, `SettingsError`."""
    book = ReceiptBook(key=_key_of(venue_key) if venue_key else b"")
    for file in files:
        if not file.is_file():
            raise SettingsError(f"there is no file {file}")
        data = file.read_bytes()
        if b'"frames"' in data:
            raise SettingsError(f"{file} is a proof: say `outcry receipt prove {file}`")
        if b'"signingKey"' in data.partition(b"\n")[0]:
            kept = ReceiptBook.open(file)
            if venue_key and kept.key != book.key:
                raise Unsound(f"{file} was begun under another signing key, {kept.key.hex()}")
            if kept.venue is not None:
                book.pin(kept.venue)
            found = list(kept.all())
        else:
            found = [_decoded(file, Receipt)]
            if not book.has_key:
                complain(
                    f"the key is taken from {file} itself: name the venue's with --venue-key to be sure whose it is"
                )
                book = ReceiptBook(key=_key_of(found[0].key))
        for receipt in found:
            book.keep(receipt)
    return book


def _compare(book: ReceiptBook, journal: str, proofs: list[Evidence]) -> Iterator[str]:
    """Lines for receipts that are not in the journal shown; what is proven goes into `proofs`."""
    if journal.startswith(("http://", "https://")):
        yield from asyncio.run(_compare_with_venue(book, journal, proofs))
        return
    folder = journal_of(Path(journal))
    if read_genesis(folder).signing_key != book.key:
        raise Unsound(f"the journal in {journal} is signed under another key than these receipts, or not at all")
    finder, last = Finder(folder), None
    for receipt in book.all():
        try:
            frame = finder.frame_of(receipt.sequence)
        except JournalPruned as problem:
            yield f"sequence {receipt.sequence}: {problem}"
            continue
        if frame is None:
            last = last or _last_frame(folder)
            yield from _cut_short(book, receipt, last, proofs)
            continue
        found = book.against(check_frame(_signed(frame), book.key), _signed(frame))
        proofs.extend(one for one in found if one not in proofs)
        if found:
            yield f"sequence {receipt.sequence}: the journal has another frame there than was signed for you"
        else:
            # The header is the one of the receipt; whether the entries behind it are, its Merkle root says.
            check_entries(frame)


def _cut_short(book: ReceiptBook, receipt: Receipt, last: Frame | None, proofs: list[Evidence]) -> Iterator[str]:
    """The journal does not go as far as the receipt."""
    if last is None:
        yield f"sequence {receipt.sequence}: the journal is empty"
        return
    check_frame(_signed(last), book.key)
    proofs.append(book.cut_short(receipt, _signed(last)))
    yield f"sequence {receipt.sequence}: missing, because the journal ends at {last.last_sequence}"


async def _compare_with_venue(book: ReceiptBook, url: str, proofs: list[Evidence]) -> list[str]:
    """As a stranger sees the venue now: the frame that it shows for each receipt."""
    lines = []
    async with VenueClient(url) as client:
        for receipt in book.all():
            try:
                shown = await client.frame(receipt.sequence)
            except NotFound:
                lines.append(f"sequence {receipt.sequence}: the venue says that its journal has no such entry")
                continue
            facts = check_frame(shown, book.key)
            if not facts.first_sequence <= receipt.sequence <= facts.last_sequence:
                lines.append(f"sequence {receipt.sequence}: the venue shows a frame that does not hold it")
                continue
            found = book.against(facts, shown)
            proofs.extend(one for one in found if one not in proofs)
            if found:
                lines.append(f"sequence {receipt.sequence}: the venue shows another frame than it signed for you")
    return lines


def _last_frame(folder: Path) -> Frame | None:
    last = None
    for frame in read_frames(folder, beginning_of(folder).first_sequence):
        last = frame
    return last


def _signed(frame: Frame) -> SignedFrame:
    return SignedFrame(frame.data[:HEADER_BYTES].hex(), frame.signature.hex())


def _key_of(digits: str) -> bytes:
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise SettingsError(f"a public key is 64 hexadecimal digits, not {digits!r}")
    return key


def _decoded(file: Path, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(file.read_bytes(), type=shape)
    except msgspec.DecodeError as problem:
        raise Unsound(f"{file} is no {shape.__name__.lower()}: {problem}") from problem


def _line(receipt: Receipt) -> str:
    said = said_in(receipt)
    words = [f"{name} {value}" for name, value in said._asdict().items() if value not in (None, "") and name != "kind"]
    return f"receipt of sequence {receipt.sequence}: {said.kind}, {', '.join(words)} (checked)"


def _finish(proofs: list[Evidence], file: Path) -> None:
    """Say what is proven and write it down; status 4 if anything is."""
    if not proofs:
        return
    for number, proof in enumerate(proofs):
        path = file if not number else file.with_stem(f"{file.stem}-{number + 1}")
        path.write_bytes(msgspec.json.encode(proof) + b"\n")
        against = "the venue" if proof.about == TWO_FRAMES else "whoever showed this journal as whole"
        complain(f"PROOF against {against}, written to {path}: {check_evidence(proof)}")
    raise typer.Exit(PROVEN)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Errors that somebody can do something about, as a sentence and a status."""
    with explained():
        try:
            yield
        except Unsound as problem:
            complain(str(problem))
            raise typer.Exit(UNSOUND) from problem
        except (ClientError, OSError) as problem:
            complain(str(problem))
            raise typer.Exit(1) from problem
