#!/usr/bin/env python3
"""Write down one caller the daemon never greeted, so that an outage does not look like zero demand.

A classic AGI script (pyst2's `asterisk.agi`), run by extensions_acd.conf in Asterisk's agi-bin folder once a caller
has waited ACD_GRACE seconds. Arguments: queue, call id (empty when the daemon never saw the call), epoch second of
the first failed try, join time. One JSON file a call, renamed into place, so that the daemon never reads half a file.
"""

import contextlib
import io
import json
import os
import pathlib
import sys
import time
import uuid

# pyst2 prints every command to stderr, which Asterisk shows on its console: keep that quiet.
with contextlib.redirect_stderr(io.StringIO()):
    from asterisk.agi import AGI

    SPOOL = pathlib.Path(os.environ.get("ACD_SPOOL", "/var/spool/asterisk/acd-lost"))

    def main() -> None:
        """Read the AGI environment, write the record."""
        agi = AGI()
        queue, call, since, joined = (sys.argv[1:] + [""] * 4)[:4]
        now = time.time()  # noqa: TID251 - a script of Asterisk, not of the daemon
        record = {
            "queue": queue,
            "call": call,
            "since": since,
            "joined": joined,
            "at": now,
            "uniqueid": agi.env.get("agi_uniqueid", ""),
            "channel": agi.env.get("agi_channel", ""),
            "caller": agi.env.get("agi_callerid", ""),
        }
        SPOOL.mkdir(mode=0o770, parents=True, exist_ok=True)
        name = f"{int(now * 1000)}-{uuid.uuid4().hex}"
        half = SPOOL / f".{name}.half"
        half.write_text(json.dumps(record), encoding="utf-8")
        half.rename(SPOOL / f"{name}.json")

    main()
