"""
A contract answered here or over NATS: the caller is written the same way for both.

`serve` offers an object under a contract's name; `remote` makes a stand-in with the methods
of the contract's Protocol. Arguments and answers travel as msgpack of their annotated types;
refusals travel as their code and facts and are raised again as the class the contract names.

Every call has a deadline. A method whose name is among `writes` may have happened when the
deadline passes: that is `Unknown`; for all others it is `Unavailable`.
"""

import asyncio
import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec
import nats.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from seatwright.kit import clock, errors, limits, log, telemetry
from seatwright.kit.broker import Broker

CALLS_AT_ONCE_MAX = 1000
_OK, _REFUSED, _FAULT = 0, 1, 2


class _Reply(msgspec.Struct, array_like=True):
    kind: int
    body: msgspec.Raw = msgspec.Raw(b"\xc0")
    code: str = ""
    detail: str = ""
    # The refusal's class and its ancestors, nearest first: a caller that does not know the class
    # still raises one with the same status.
    kinds: tuple[str, ...] = ()
    problems: tuple[errors.Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Method:
    name: str
    arguments: type[msgspec.Struct]
    answer: Any


@dataclass(frozen=True)
class Contract:
    """A Protocol as it travels: its methods, their types, and the refusals it may raise."""

    name: str
    methods: Mapping[str, _Method]
    writes: frozenset[str]
    # reads that wait for somebody outside, and so for as long as a write may
    patient: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        name: str,
        protocol: type,
        *,
        writes: frozenset[str] = frozenset(),
        patient: frozenset[str] = frozenset(),
    ) -> "Contract":
        """Read the Protocol's annotations; every method takes keyword arguments only."""
        methods = {}
        for method, function in inspect.getmembers(protocol, inspect.isfunction):
            if method.startswith("_"):
                continue
            hints = typing.get_type_hints(function)
            given = inspect.signature(function).parameters
            fields = [
                # What the release before does not send yet has a default.
                (key, hint)
                if given[key].default is inspect.Parameter.empty
                else (key, hint, given[key].default)
                for key, hint in hints.items()
                if key != "return"
            ]
            struct = msgspec.defstruct(f"{name}_{method}", fields, array_like=True)
            methods[method] = _Method(method, struct, hints.get("return", type(None)))
        return cls(name, methods, writes, patient)


def _subject(contract: str, method: str) -> str:
    return f"rpc.{contract}.{method}"


class Server:
    """Answers a contract's calls from an object that has its methods."""

    def __init__(self, broker: Broker, contract: Contract, target: object) -> None:
        self._broker = broker
        self._contract = contract
        self._target = target
        self._places = asyncio.Semaphore(CALLS_AT_ONCE_MAX)
        self._subscriptions: list[Subscription] = []
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Subscribe; processes of the same service share the calls."""
        for method in self._contract.methods.values():
            subscription = await self._broker.client.subscribe(
                _subject(self._contract.name, method.name),
                queue=self._contract.name,
                cb=self._taker(method),
            )
            self._subscriptions.append(subscription)

    async def stop(self) -> None:
        """
        Take no more calls, and return when those that came are answered.

        New ones go to the other processes of the service from now on. Waits no longer than any
        caller does.
        """
        leaving, self._subscriptions = self._subscriptions, []
        with suppress(TimeoutError):
            async with asyncio.timeout(limits.RPC_WRITE.total_seconds()):
                if self._broker.client.is_connected:
                    # What the broker handed out before it heard of this arrives first. One that
                    # goes away meanwhile hands out nothing.
                    drained = (one.drain() for one in leaving)  # type: ignore[no-untyped-call]
                    await asyncio.gather(*drained, return_exceptions=True)
                while self._running:
                    await asyncio.wait(self._running)

    def _taker(self, method: _Method) -> Callable[[Msg], Awaitable[None]]:
        async def take(message: Msg) -> None:
            # A task of its own: one slow call must not keep the others waiting.
            task = asyncio.get_running_loop().create_task(self._answer(method, message))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

        return take

    async def _answer(self, method: _Method, message: Msg) -> None:
        async with self._places:
            reply = await self._call(method, message.data)
        raw = msgspec.msgpack.encode(reply)
        if len(raw) > self._broker.client.max_payload:
            # The broker would take it from nobody, and the caller would wait for its deadline.
            told = {"contract": self._contract.name, "method": method.name}
            log.log.error("rpc_reply_too_large", **told, reply_bytes=len(raw))
            raw = msgspec.msgpack.encode(_Reply(_FAULT))
        with suppress(nats.errors.Error):
            await message.respond(raw)

    async def _call(self, method: _Method, raw: bytes) -> _Reply:
        try:
            arguments = msgspec.msgpack.decode(raw, type=method.arguments)
            answer = await getattr(self._target, method.name)(**msgspec.structs.asdict(arguments))
        except errors.Expected as refusal:
            return _refused(refusal)
        except Exception:  # noqa: BLE001  # the far edge: the caller must get an answer
            log.log.exception("rpc_fault", contract=self._contract.name, method=method.name)
            return _Reply(_FAULT)
        return _Reply(_OK, msgspec.Raw(msgspec.msgpack.encode(answer)))


class _Remote:
    """Stands in for a contract that another process answers."""

    def __init__(self, broker: Broker, contract: Contract) -> None:
        for method in contract.methods.values():
            setattr(self, method.name, _caller(broker, contract, method))


def _caller(broker: Broker, contract: Contract, method: _Method) -> Callable[..., Awaitable[Any]]:
    write = method.name in contract.writes
    waits = write or method.name in contract.patient
    deadline = limits.RPC_WRITE if waits else limits.RPC_READ
    subject = _subject(contract.name, method.name)

    async def call(**arguments: Any) -> Any:
        raw = msgspec.msgpack.encode(method.arguments(**arguments))
        started = clock.monotonic()
        try:
            message = await broker.client.request(subject, raw, timeout=deadline.total_seconds())
        except nats.errors.NoRespondersError as fault:
            telemetry.DEGRADED.labels(contract.name).inc()
            raise errors.Unavailable(f"{contract.name} is not there.") from fault
        except (nats.errors.Error, OSError, TimeoutError) as fault:
            telemetry.DEGRADED.labels(contract.name).inc()
            kind = errors.Unknown if write else errors.Unavailable
            raise kind(f"{contract.name} did not answer in time.") from fault
        finally:
            log.spent(contract.name, clock.monotonic() - started)
        return _read(contract, method, message.data)

    return call


def _read(contract: Contract, method: _Method, raw: bytes) -> Any:
    reply = msgspec.msgpack.decode(raw, type=_Reply)
    if reply.kind == _OK:
        return msgspec.msgpack.decode(reply.body, type=method.answer)
    if reply.kind == _REFUSED:
        raise _refusal(reply)
    raise errors.Unavailable(f"{contract.name} failed to answer {method.name}.")


def _refused(refusal: errors.Expected) -> _Reply:
    kinds = [kind for kind in type(refusal).__mro__ if issubclass(kind, errors.Expected)]
    return _Reply(
        _REFUSED,
        msgspec.Raw(msgspec.msgpack.encode(dict(refusal.facts))),
        refusal.code,
        refusal.detail,
        tuple(f"{kind.__module__}.{kind.__qualname__}" for kind in kinds),
        refusal.problems if isinstance(refusal, errors.Invalid) else (),
    )


def _refusal(reply: _Reply) -> errors.Expected:
    known = _all_refusals()
    kind = next((known[name] for name in reply.kinds if name in known), errors.Expected)
    facts = msgspec.msgpack.decode(reply.body)
    # Whatever the class asks of its makers, it travels as what every refusal has.
    refusal = kind.__new__(kind)
    if isinstance(refusal, errors.Invalid):
        errors.Invalid.__init__(refusal, reply.problems, detail=reply.detail)
    else:
        errors.Expected.__init__(refusal, reply.detail)
    refusal.code = reply.code  # type: ignore[misc]  # as the far side had it
    refusal.facts = facts
    return refusal


def _all_refusals() -> dict[str, type[errors.Expected]]:
    found: dict[str, type[errors.Expected]] = {}
    waiting: list[type[errors.Expected]] = [errors.Expected]
    while waiting:
        kind = waiting.pop()
        found[f"{kind.__module__}.{kind.__qualname__}"] = kind
        waiting.extend(kind.__subclasses__())
    return found


def remote(broker: Broker, contract: Contract) -> Any:
    """An object with the contract's methods, each a NATS request with a deadline."""
    return _Remote(broker, contract)
