"""The streams are as this release needs them, and otherwise as an operator wants them."""

import nats.errors

from seatwright.kit.broker import DUPLICATE_WINDOW, Broker, Outgoing
from tests.integration.kit.conftest import until
from tests.integration.kit.own_nats import nats_cluster, own_nats

WINDOW_S = DUPLICATE_WINDOW.total_seconds()


async def test_streams_are_made_once_and_kept(broker):
    before = await broker.stream.stream_info("WORK")
    await broker.ensure_streams()
    after = await broker.stream.stream_info("WORK")
    assert before.created == after.created
    assert after.config.duplicate_window == WINDOW_S


async def test_streams_of_an_older_release_are_brought_up_to_date_and_keep_what_they_hold():
    async with own_nats() as server:
        broker = await Broker.connect(server.url, name="kit-tests")
        await broker.stream.add_stream(
            name="WORK", subjects=["work.>"], retention="workqueue", duplicate_window=1
        )
        await broker.publish([Outgoing("work.kept", "kept", b"")])
        await broker.ensure_streams()
        info = await broker.stream.stream_info("WORK")
        assert info.config.duplicate_window == WINDOW_S
        assert info.state.messages == 1
        await broker.close()


async def test_what_an_operator_gave_a_stream_stays_when_a_process_starts():
    async with nats_cluster() as server:
        broker = await Broker.connect(server.url, name="kit-tests")

        async def together() -> bool:
            try:
                await broker.ensure_streams()
            except nats.errors.Error:  # they have not chosen a leader yet
                return False
            return True

        await until(together, seconds=30)
        for stream in ("WORK", "DEAD"):
            config = (await broker.stream.stream_info(stream)).config
            await broker.stream.update_stream(config, num_replicas=3, max_bytes=2**30)
        # A release may need something else than what is there; that alone is changed.
        config = (await broker.stream.stream_info("WORK")).config
        await broker.stream.update_stream(config, duplicate_window=1)
        await broker.ensure_streams()
        for stream in ("WORK", "DEAD"):
            config = (await broker.stream.stream_info(stream)).config
            assert (config.num_replicas, config.max_bytes) == (3, 2**30), stream
            assert config.duplicate_window == WINDOW_S
        await broker.close()
