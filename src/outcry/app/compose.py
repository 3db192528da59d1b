"""Node, keeper, gateway and guests made from the rooms: the one place where they are joined.

First the joints, then one function a process, then all of them in one process.  Each runs until `stop` is set and then
leaves in order; each raises what ended it otherwise.  Processes are told everything by `Settings` and an open socket.
"""

import asyncio
import contextlib
import gc
import logging
import socket
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from outcry.app import demo, following, listings, operated, saved
from outcry.app.chains import Chains
from outcry.app.commanding import Door
from outcry.app.following import Viewer
from outcry.app.halting import HaltMark
from outcry.app.handing import JournalPieces
from outcry.app.keeper import Keeper, check_not_ahead, recorder_of
from outcry.app.listing_ahead import Ahead, run_listing
from outcry.app.metrics.door import Figures, telling
from outcry.app.metrics.gateway import GatewayFigures
from outcry.app.metrics.market import MarketFigures
from outcry.app.metrics.node import NodeFigures
from outcry.app.metrics.process import ReplicaFigures, SnapshotFigures
from outcry.app.noting import Noting
from outcry.app.readiness import Readiness, Standing, standing_of
from outcry.app.receipting import JournalReceipts
from outcry.app.serving import serve
from outcry.app.settings import FORK, TEST, Settings
from outcry.app.walking import last_prices, walk_specs
from outcry.app.watching import Watching
from outcry.bots import MAKER_SYMBOLS, run_guests
from outcry.engine.engine import Engine
from outcry.feeds.operated import run_operated
from outcry.feeds.options import OptionMarks, run_options
from outcry.feeds.simulated import RandomWalk, run_simulated
from outcry.gateway.app import Front, create_app
from outcry.gateway.limits import Limits
from outcry.gateway.page import page_routes
from outcry.gateway.page.health import health_routes
from outcry.gateway.stream.settings import StreamSettings
from outcry.history import Reader, Store
from outcry.identity import Identity, VenueKey
from outcry.journal.reading import read_genesis
from outcry.node.hashing import HashingThread
from outcry.node.keeper import KeeperSettings
from outcry.node.link import Link
from outcry.node.local import LocalLink
from outcry.node.recovery import recover
from outcry.node.settings import LinkSettings, NodeSettings
from outcry.node.shell import NodeServer, ask_admin, run_node
from outcry.node.socket_link import NodeLink
from outcry.node.writer import Writer

log = logging.getLogger("outcry.app")

GATEWAY_ORIGIN = 1
GUESTS_ORIGIN = 2
"""Also of listings, option marks and funding; the guests' process sees to them before it lets anybody in."""
KEEPER_ORIGIN = 3
BOOKS = MAKER_SYMBOLS
"""What the guests quote and trade."""
ONE_PROCESS = "venue"
"""The role of a process that has them all."""
GRACE_S = 5
RETRY_S = 0.05
YOUNG_OBJECTS, YOUNG_ROUNDS, MIDDLE_ROUNDS = 20_000, 20, 50
"""The collector's thresholds; Python's own are 700, 10 and 10."""

Running = Coroutine[Any, Any, None]


Work = Callable[[Settings, Door, Engine, Identity, str, asyncio.Event], Running]
"""What a process of guests does until told to stop."""


class StoppedEarly(Exception):
    """Told to stop while still on the way to where work begins."""


async def node_status(settings: Settings) -> dict[str, Any] | None:
    """What the node of this data folder says of itself; None while none answers."""
    try:
        async with asyncio.timeout(GRACE_S):
            return await ask_admin(settings.files.socket, {"ask": "status"})
    except (OSError, TimeoutError):
        return None


async def run_node_process(
    settings: Settings,
    stop: asyncio.Event,
    node_settings: NodeSettings | None = None,
    clock_ns: Callable[[], int] = time.time_ns,
) -> None:
    """The node alone."""
    loop = asyncio.get_running_loop()

    def go_on(sequence: int) -> None:
        # Called in the thread that replays.
        if stop.is_set():
            raise StoppedEarly(f"stopped while replaying, at sequence {sequence}")

    async def serve_node() -> None:
        async with telling(settings.data, "node") as figures:

            def show(server: NodeServer) -> None:
                figures.append(NodeFigures(server.writer, server.unsent))

            await run_node(
                settings.data,
                node_settings,
                clock_ns=clock_ns,
                ready=spare_the_collector,
                progress=go_on,
                serving=show,
            )

    node_settings = node_settings or NodeSettings(root_every=settings.root_every, handle_signals=False)
    node_settings = replace(node_settings, seen_sequence=following.seen_beside(settings.files))
    node = loop.create_task(serve_node())
    asked = loop.create_task(stop.wait())
    await asyncio.wait([node, asked], return_when=asyncio.FIRST_COMPLETED)
    while not node.done():
        # While it still replays its journal it does not answer yet.
        with contextlib.suppress(OSError):
            await ask_admin(settings.files.socket, {"ask": "stop"})
            break
        await asyncio.sleep(RETRY_S)
    asked.cancel()
    with contextlib.suppress(StoppedEarly):
        await node


async def run_keeper_process(
    settings: Settings, stop: asyncio.Event, keeper_settings: KeeperSettings | None = None
) -> None:
    """The keeper alone: a replica that follows the node, writes history, proposes roots and keeps snapshots."""
    files = settings.files
    genesis_hash = read_genesis(files.journal).hash
    keeping = following.keeping_of(settings, keeper_settings)
    with contextlib.closing(Store(files.history)) as store, contextlib.closing(keeping):
        following.pass_upgrade(settings, store)
        follower = following.historian(settings, keeping.hash, store.sequence)
        keeper = Keeper([recorder_of(store, follower, genesis_hash)], files.keeper_state, genesis_hash, follower)
        link = NodeLink(files.socket, KEEPER_ORIGIN, follower.replica)
        keeper.follow(link)
        link.observe(HaltMark(follower.engine, files.halted).observe)
        keeping.attach(link)
        market = MarketFigures(follower.engine)
        link.observe(market.observe)
        link.observe(Noting().observe)
        with following.in_a_right_state(settings, files.keeper_state, follower):
            async with telling(settings.data, "keeper") as figures:
                figures += [ReplicaFigures("keeper", link, follower.engine), market, SnapshotFigures(files.snapshots)]
                try:
                    if await _unless_stopped(stop, link.start()):
                        check_not_ahead(store, link.sequence)
                        spare_the_collector()
                        laws = Watching(follower.engine, files, settings.law_seconds)
                        await _until_stopped(stop, link.wait_finished(), laws.run(), _until(stop))
                finally:
                    await link.stop()
        keeper.finish()


async def run_gateway_process(
    settings: Settings, listener: socket.socket, stop: asyncio.Event, link_settings: LinkSettings | None = None
) -> None:
    """The gateway alone: its replica follows the node over the socket."""
    files = settings.files
    hashing = HashingThread()
    follower = following.viewer(settings, hashing)
    link = NodeLink(files.socket, GATEWAY_ORIGIN, follower.replica, link_settings or shedding(settings))
    link.observe(follower.recent.observe)
    saving = saved.Saving(files.gateway_state, read_genesis(files.journal).hash, follower)
    link.observe(saving.observe)
    with (
        following.in_a_right_state(settings, files.gateway_state, follower),
        contextlib.closing(hashing),
        contextlib.closing(Identity(files.identity)) as identity,
        contextlib.closing(Reader(files.history)) as reader,
    ):
        async with telling(settings.data, "gateway") as figures:
            figures.append(ReplicaFigures("gateway", link, follower.engine))
            try:
                if await _unless_stopped(stop, link.start()):
                    spare_the_collector()
                    app = gateway_app(settings, link, follower, identity, reader, standing_of(files.socket))
                    figures.append(GatewayFigures(app))
                    await _until_stopped(stop, link.wait_finished(), serve(app, listener, stop, app.stream))
            finally:
                await link.stop()
    saving.finish()


async def run_guests_process(settings: Settings, url: str, stop: asyncio.Event, work: "Work | None" = None) -> None:
    """Listings, funding, simulated prices, market makers and a taker, or other work of theirs."""
    files = settings.files
    hashing = HashingThread()
    follower = following.independent(settings, hashing)
    link = NodeLink(files.socket, GUESTS_ORIGIN, follower.replica)
    with (
        following.in_a_right_state(settings, files.gateway_state, follower),
        contextlib.closing(hashing),
        contextlib.closing(Identity(files.identity)) as identity,
    ):
        async with telling(settings.data, "guests") as figures:
            figures.append(ReplicaFigures("guests", link, follower.engine))
            try:
                if await _unless_stopped(stop, link.start()):
                    spare_the_collector()
                    await _until_stopped(
                        stop,
                        link.wait_finished(),
                        (work or guests)(settings, Door(link), follower.engine, identity, url, stop),
                    )
            finally:
                await link.stop()


async def run_all(settings: Settings, listener: socket.socket, url: str, stop: asyncio.Event) -> None:
    """Everything in this process."""
    files = settings.files
    loop = asyncio.get_running_loop()
    seen_sequence = following.seen_beside(files)
    node_settings = NodeSettings(root_every=settings.root_every, seen_sequence=seen_sequence)
    recovered = await loop.run_in_executor(None, recover, settings.data, Engine, time.time_ns(), node_settings)
    for note in recovered.notes:
        log.warning("%s", note)
    writer = Writer(recovered, node_settings)
    genesis_hash = recovered.journal.genesis.hash
    keeping = following.keeping_of(settings)
    with (
        contextlib.closing(Store(files.history)) as store,
        contextlib.closing(Identity(files.identity)) as identity,
        contextlib.closing(keeping),
    ):
        following.pass_upgrade(settings, store)
        follower = following.viewer(settings, keeping.hash, store.sequence)
        link = LocalLink(writer, GATEWAY_ORIGIN, follower.replica, shedding(settings))
        link.observe(follower.recent.observe)
        recorder = recorder_of(store, follower, genesis_hash)
        link.observe(recorder.observe)
        link.observe(HaltMark(follower.engine, files.halted).observe)
        keeping.attach(link)
        saving = saved.Saving(files.gateway_state, genesis_hash, follower, recorder.flush)
        link.observe(saving.observe)
        market = MarketFigures(follower.engine)
        link.observe(market.observe)
        link.observe(Noting().observe)
        writer.start()
        with following.in_a_right_state(settings, files.gateway_state, follower):
            async with telling(settings.data, ONE_PROCESS) as figures:
                figures += [NodeFigures(writer), ReplicaFigures(ONE_PROCESS, link, follower.engine), market]
                figures.append(SnapshotFigures(files.snapshots))
                try:
                    if await _unless_stopped(stop, link.start()):
                        check_not_ahead(store, link.sequence)
                        await _in_one(settings, link, follower, identity, listener, url, stop, writer, figures)
                finally:
                    await link.stop()
                    await writer.stop()
        saving.finish()
        recorder.finish()


async def _in_one(
    settings: Settings,
    link: LocalLink,
    follower: Viewer,
    identity: Identity,
    listener: socket.socket,
    url: str,
    stop: asyncio.Event,
    writer: Writer,
    figures: list[Figures],
) -> None:
    """Gateway and guests beside a writer; the guests leave before the gateway does."""
    gateway_stop = asyncio.Event()

    async def stage() -> None:
        if not settings.empty:
            await guests(settings, Door(link), follower.engine, identity, url, stop)
        await stop.wait()
        gateway_stop.set()

    with contextlib.closing(Reader(settings.files.history)) as reader:

        async def standing() -> tuple[int, bool]:
            return writer.durable_sequence, writer.room_left

        app = gateway_app(settings, link, follower, identity, reader, standing)
        figures.append(GatewayFigures(app))
        laws = Watching(follower.engine, settings.files, settings.law_seconds)
        parts = (link.wait_finished(), writer.wait_finished(), laws.run(), stage())
        await _until_stopped(gateway_stop, *parts, serve(app, listener, gateway_stop, app.stream))


def gateway_app(
    settings: Settings,
    link: Link,
    follower: Viewer,
    identity: Identity,
    reader: Reader,
    standing: Standing,
) -> Front:
    """The gateway's application with the page in it, and its stream told of every entry from now on."""
    engine, recent = follower.engine, follower.recent
    venue_key = VenueKey.of_folder(settings.data).derive("wire ids")
    app = create_app(
        Door(link),
        engine,
        recent,
        identity,
        venue_key=venue_key,
        limits=Limits(errors_per_minute=settings.errors_per_minute),
        streaming=StreamSettings(book_interval_s=settings.book_interval_ms / 1000),
        extra_routes=[
            *page_routes(engine, recent),
            *health_routes(recent, Readiness(link, engine, standing).reasons),
        ],
        history=reader,
        receipts=JournalReceipts(settings.files.journal, lambda: recent.sequence),
        journal=JournalPieces(settings.files.journal),
        trusted_proxies=settings.trusted_proxies,
    )
    link.observe(app.stream.observe)
    return app


async def guests(
    settings: Settings, commands: Door, engine: Engine, identity: Identity, url: str, stop: asyncio.Event
) -> None:
    """Open the venue for the demo, then feed it and trade on it until told to stop; a fork is only fed."""
    if engine.halted:
        await stop.wait()
        return
    if settings.profile == FORK:
        prices, wanted = operated.feed_of_fork(settings.files, engine.tables)
        async with asyncio.TaskGroup() as group:
            group.create_task(run_operated(prices, wanted, commands.submit, stop))
            group.create_task(mark_options(settings, commands, engine, stop))
        return
    terms = listings.load()
    for record in listings.outstanding(terms, engine.tables):
        await demo.carry_out(commands, record, f"a {type(record).__name__} command of the listings")
    ahead = Ahead(commands, engine, terms)
    await ahead.step()
    cast = demo.assemble(identity)
    currencies = {currency.symbol: number for number, currency in enumerate(terms.currencies, 1)}
    await demo.fund(commands, identity, cast, currencies)
    await demo.fund_insurance(commands, currencies)
    makers, taker = [cast.credentials(name) for name in demo.MAKERS], cast.credentials(demo.TAKER)
    async with asyncio.TaskGroup() as group:
        group.create_task(run_listing(ahead, stop))
        group.create_task(mark_options(settings, commands, engine, stop))
        if settings.profile == TEST:
            # One maker that follows the mark, and nobody who trades of himself: what happens is the tester's doing.
            tables = engine.tables
            prices, wanted = operated.feed(settings.files, terms, walk_specs(terms), last_prices(tables), tables)
            group.create_task(run_operated(prices, wanted, commands.submit, stop))
            group.create_task(run_guests(url, makers[:1], None, seed=settings.seed, stop=stop, symbols=BOOKS))
        else:
            walk = RandomWalk(settings.seed, walk_specs(terms), last_prices(engine.tables))
            group.create_task(run_simulated(walk, commands.submit, stop))
            trade = partial(run_guests, url, makers, taker, dated_maker=cast.credentials(demo.DATED_MAKER))
            group.create_task(trade(seed=settings.seed, stop=stop, symbols=BOOKS))


async def mark_options(settings: Settings, commands: Door, engine: Engine, stop: asyncio.Event) -> None:
    """Say what options are worth; the volatilities are simulated."""
    await run_options(OptionMarks(settings.seed), Chains(engine).look, commands.submit_all, stop)


def spare_the_collector() -> None:
    """Take what has been loaded out of the garbage collector's sight, and let it look less often.

    The views hold hundreds of thousands of objects and no cycles; walking them all would stop every answer for a while.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_ROUNDS, MIDDLE_ROUNDS)


def shedding(settings: Settings) -> LinkSettings:
    """Of the gateway's line to the node, which takes no new orders while it is behind."""
    return LinkSettings(behind_seconds_max=settings.behind_seconds)


async def _until(stop: asyncio.Event) -> None:
    """Nothing, until told to stop."""
    await stop.wait()


async def _unless_stopped(stop: asyncio.Event, work: Running) -> bool:
    """Do the work, or leave it when told to stop; whether it was done.  Raises what the work raises."""
    doing, asked = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([doing, asked], return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
            return not stop.is_set()
        return False
    finally:
        for task in (doing, asked):
            task.cancel()
        await asyncio.gather(doing, asked, return_exceptions=True)


async def _until_stopped(stop: asyncio.Event, *parts: Running) -> None:
    """Run the parts together until told to stop; one that ends before with an error ends all.

    The parts before the last only watch; the last ends by itself when told to stop.
    """
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
        if stop.is_set():
            await tasks[-1]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
