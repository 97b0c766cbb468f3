"""After AMI came up: read what is there, tell the boards, the phones and the trunks, then let the engine route."""

import asyncio
from collections.abc import Mapping

import structlog

from acd.app.exchange import Exchange
from acd.app.trunking import dahdi_alarms
from acd.core import events as ev
from acd.core.ids import PhoneName, SwitchName, Uniqueid
from telephony.ami import messages as ami
from telephony.board import Channel, endpoint_of
from telephony.hangups import Hangup, read_hangups

log = structlog.get_logger("acd.sync")
READ_DEADLINE = 30.0
"""Seconds for each list: 100,000 channels take a few."""


async def sync(exchange: Exchange, switch: SwitchName) -> None:
    """Bring everything known of one switch up to date.

    Raises AmiError when the link drops meanwhile (its return starts this again) or a list does not come.
    """
    link, board = exchange.links[switch], exchange.boards[switch]
    listed = await link.collect("CoreShowChannels", {}, "CoreShowChannelsComplete", READ_DEADLINE)
    states = await link.collect("DeviceStateList", {}, "DeviceStateListComplete", READ_DEADLINE)
    alarms = await dahdi_alarms(link, exchange.trunks.lines(switch), READ_DEADLINE)
    ends = await _logged_ends(exchange, switch)
    rows = [row for row in listed if isinstance(row, ami.CoreShowChannel)]
    conclusions = board.sync(
        [Channel(Uniqueid(row.uniqueid), row.channel, row.linkedid, row.caller_id_num) for row in rows],
        {Uniqueid(row.uniqueid): row.bridge_id for row in rows if row.bridge_id},
        exchange.engine.clock.now(),
        ends,
    )
    channels = {channel.uniqueid: endpoint_of(channel.name) for channel in board.channels.values()}
    ours = {uniqueid for uniqueid in channels if board.owns_leg(uniqueid)}
    devices = {PhoneName(row.device): row.state for row in states if isinstance(row, ami.DeviceStateChange)}
    exchange.trunking.sync(switch, channels, devices, alarms)
    exchange.conclude(switch, conclusions)
    exchange.phone_news(exchange.phones.sync(switch, devices, channels, ours))
    exchange.engine.handle(ev.SwitchSynced(at=exchange.engine.clock.now(), switch=switch))
    log.info("switch_synced", switch=switch, channels=len(channels), devices=len(devices))


async def _logged_ends(exchange: Exchange, switch: SwitchName) -> Mapping[Uniqueid, Hangup]:
    """Ends that Asterisk wrote down itself, where its log is within reach."""
    path, wanted = exchange.channel_events.get(switch), exchange.boards[switch].legs_in_talk()
    if path is None or not wanted:
        return {}
    try:
        return await asyncio.to_thread(read_hangups, path, wanted)
    except OSError as wrong:
        log.warning("channel_events_unreadable", file=str(path), error=str(wrong))
        return {}
