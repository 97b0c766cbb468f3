"""The unit under a real systemd 252: installed by the steps of systemd/README.md, started, broken and stopped."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from tests.machine.booted import Machine, booted, until
from tests.machine.errors import MachineError
from tests.machine.packages import locked_packages
from tests.machine.release import CHECKOUT, build_wheel, lay_out
from tests.machine.root import PYTHON, debian

pytestmark = pytest.mark.integration

OFFLINE: Final = {
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": "/srv/packages",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
"""The only thing that is not as on an administrator's machine: pip finds the locked files in a folder."""
READY_SECONDS: Final = 20.0
WATCHDOG_SECONDS: Final = 10.0
STOP_SECONDS: Final = 20.0
"""WatchdogSec and TimeoutStopSec of the unit."""


def steps() -> str:
    """Return the shell lines of the section Install."""
    text = (CHECKOUT / "systemd" / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^## Install\n.*?^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert found, "systemd/README.md has no section Install with a block of shell lines"
    return found[1]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with Asterisk's user, a manager that answers, and the daemon installed but not yet started."""
    work = tmp_path_factory.mktemp("machine")
    release = work / "release"
    lay_out(build_wheel(work), release)
    with ExitStack() as stack:
        try:
            root = stack.enter_context(debian())
            packages = stack.enter_context(locked_packages(PYTHON))
            shared = {
                "/srv/release": release,
                "/srv/packages": packages,
                "/srv/tests": CHECKOUT / "tests" / "machine",
            }
            machine = stack.enter_context(booted(root, work / "console.log", shared))
        except MachineError as wrong:
            pytest.fail(f"no machine to try the unit on: {wrong}", pytrace=False)
        machine.must("useradd --system --user-group asterisk")
        machine.must("install -d -o asterisk -g asterisk -m 0750 /var/spool/asterisk")
        machine.must(f"cd /srv/release\n{steps()}", within=180, env=OFFLINE)
        # Enabled, as the second block says; it also keeps systemd from forgetting how the unit ended.
        machine.must("systemctl enable acd")
        yield machine


@pytest.fixture
def running(machine: Machine) -> Machine:
    """The machine with the daemon up, whatever the test before left behind."""
    start_manager(machine)
    machine.must("systemctl kill --signal=USR1 manager")
    started = machine.run("systemctl start acd", within=READY_SECONDS)
    assert started.returncode == 0, machine.journal("acd")[-3000:]
    return machine


def start_manager(machine: Machine) -> None:
    """Start the manager unless it runs; it holds its lists back until SIGUSR1."""
    if machine.run("systemctl is-active manager").returncode != 0:
        serve = "/usr/bin/python3 /srv/tests/manager.py /etc/acd/ami.secret"
        machine.must(f"systemd-run --quiet --collect --unit=manager {serve}")
        until(lambda: ":13AE " in machine.must("cat /proc/net/tcp"), "the manager listens (port 5038)", 10)


def is_up_again(machine: Machine, after: str, within: float) -> None:
    """Wait until the daemon is ready as another process than `after`."""

    def again() -> bool:
        return machine.show("acd", "ActiveState") == "active" and machine.show("acd", "MainPID") != after

    until(again, "the daemon is ready again", within)


def test_systemd_finds_no_fault_with_the_unit(machine: Machine) -> None:
    done = machine.run(
        "systemd-analyze verify --recursive-errors=yes --man=no /etc/systemd/system/acd.service"
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_the_unit_is_as_closed_as_the_readme_says(machine: Machine) -> None:
    done = machine.run(
        "systemd-analyze security --offline=true --threshold=15 /etc/systemd/system/acd.service"
    )

    assert done.returncode == 0, done.stdout


def test_it_is_ready_only_when_the_state_of_asterisk_has_been_read(machine: Machine) -> None:
    machine.must("systemctl stop acd")
    machine.run("systemctl stop manager")
    start_manager(machine)
    machine.must("systemctl start --no-block acd")
    until(
        lambda: "asked CoreShowChannels" in machine.journal("manager"),
        "the daemon asks for calls",
        READY_SECONDS,
    )

    assert machine.show("acd", "ActiveState") == "activating"

    machine.must("systemctl kill --signal=USR1 manager")
    until(lambda: machine.show("acd", "ActiveState") == "active", "ready", READY_SECONDS)

    assert 'Status: "AMI 1/1 up, 0 waiting' in machine.must("systemctl status acd")


def test_it_runs_with_no_right_but_asterisks_group(running: Machine) -> None:
    pid = running.show("acd", "MainPID")
    status = dict(
        line.split(":\t", 1) for line in running.must(f"cat /proc/{pid}/status").splitlines() if ":\t" in line
    )
    ids = running.must("id -u acd; id -g acd; getent group asterisk | cut -d: -f3").split()

    assert status["Uid"].split() == [ids[0]] * 4
    assert set(status["Groups"].split()) == set(ids[1:])
    assert {status[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_the_control_socket_is_for_the_group_acd_only(running: Machine) -> None:
    ask = "setpriv --reuid=nobody --clear-groups --regid={} acd status"

    running.must(ask.format("acd"))
    refused = running.run(ask.format("nogroup"))

    assert (refused.returncode, "no permission" in refused.stdout) == (3, True)


def test_a_call_that_asterisk_spooled_is_taken_in_at_the_next_start(running: Machine) -> None:
    spool = "/var/spool/asterisk/acd-lost"
    record = '{"queue":"sales","call":"","at":1793500000.5,"uniqueid":"1793500000.1"}'
    running.must(
        f"setpriv --reuid=asterisk --regid=asterisk --clear-groups sh -c 'echo \"$1\" >{spool}/1.json' - '{record}'"
    )
    running.must("systemctl restart acd", within=60)

    assert running.must(f"ls {spool}") == ""


def test_a_broken_file_fails_the_reload_with_its_reason_and_changes_nothing(running: Machine) -> None:
    pid, before = running.show("acd", "MainPID"), running.cursor("acd")
    running.must("cp -p /etc/acd/queues.toml /root/; echo 'ring_timeot = \"9s\"' >>/etc/acd/queues.toml")
    refused = running.run("systemctl reload acd")
    running.must("cp -p /root/queues.toml /etc/acd/")
    said = running.journal("acd", since=before)

    assert refused.returncode != 0
    assert re.search(r"queues\.toml:\d+: error: .*ring_timeot", said)
    assert running.show("acd", "ActiveState") == "active"
    assert running.show("acd", "MainPID") == pid

    running.must("systemctl reload acd")


def test_root_can_check_the_files_with_the_secret_that_systemd_keeps(running: Machine) -> None:
    assert running.must("CREDENTIALS_DIRECTORY=/run/credentials/acd.service acd check") == "/etc/acd: ok\n"


def test_a_restart_makes_a_new_process_that_is_ready(running: Machine) -> None:
    pid = running.show("acd", "MainPID")
    running.must("systemctl restart acd", within=60)

    assert running.show("acd", "ActiveState") == "active"
    assert running.show("acd", "MainPID") != pid


def test_a_stuck_daemon_is_ended_by_the_watchdog_and_replaced(running: Machine) -> None:
    pid, before = running.show("acd", "MainPID"), running.cursor("acd")
    running.must(f"kill -STOP {pid}")
    is_up_again(running, after=pid, within=WATCHDOG_SECONDS + READY_SECONDS)
    said = running.journal("acd", since=before)

    assert "Watchdog timeout" in said
    assert "Fatal Python error: Aborted" in said, "faulthandler says where it was stuck"


def test_a_killed_daemon_is_replaced(running: Machine) -> None:
    pid = running.show("acd", "MainPID")
    running.must(f"kill -KILL {pid}")

    is_up_again(running, after=pid, within=READY_SECONDS)


def test_a_missing_secret_is_told_and_not_a_failure_of_systemd(running: Machine) -> None:
    before = running.cursor("acd")
    running.must("systemctl stop acd; mv /etc/acd/ami.secret /root/; systemctl start --no-block acd")
    try:
        until(lambda: "secret_credential: " in running.journal("acd", since=before), "told", READY_SECONDS)
    finally:
        running.must("systemctl stop acd; mv /root/ami.secret /etc/acd/")


def test_a_stop_is_orderly_and_leaves_nothing(running: Machine) -> None:
    began = time.monotonic()
    running.must("systemctl stop acd", within=60)

    assert time.monotonic() - began < STOP_SECONDS
    assert running.show("acd", "Result") == "success"
    assert (running.show("acd", "ExecMainCode"), running.show("acd", "ExecMainStatus")) == ("1", "0")
    assert running.run("ls /run/acd").returncode != 0
