"""The built wheel: everything of ours is in it, and it runs with the locked packages and nothing else."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

import pytest

from tests.machine.booted import until
from tests.machine.release import CHECKOUT, OURS, build_wheel

pytestmark = pytest.mark.integration

LOCK: Final = CHECKOUT / "tests" / "locks" / f"run-py{sys.version_info.major}.{sys.version_info.minor}.txt"
SECRET: Final = {"ACD_AMI_SECRET": "a secret"}
EXAMPLE: Final = str(CHECKOUT / "config" / "example")
IMPORT_ALL: Final = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
print("all imported")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and the packages of the lock, without pip."""
    place = tmp_path_factory.mktemp("environment")
    must([sys.executable, "-m", "venv", "--without-pip", str(place)])
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "--quiet"]
    must([*pip, "--require-hashes", "--requirement", str(LOCK)])
    must([*pip, "--no-deps", "--no-index", str(wheel)])
    return place


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A working directory whose folders have our names: `python -P` must not import from it."""
    for name in OURS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(
            "raise SystemExit('imported from the working directory')\n"
        )
    return tmp_path


def must(command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command that has to succeed; return what it printed."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def acd(environment: Path, *arguments: str) -> list[str]:
    """Return the command as the unit runs it."""
    return [str(environment / "bin" / "python"), "-P", str(environment / "bin" / "acd"), *arguments]


def test_the_wheel_holds_every_file_of_the_five_packages_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    ours = {
        str(path.relative_to(CHECKOUT))
        for name in OURS
        for path in (CHECKOUT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert packed == ours


def test_the_environment_holds_what_is_locked_and_nothing_else(environment: Path) -> None:
    listed = must(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(environment / "bin" / "python"),
            "list",
            "--format=json",
        ]
    )
    locked = re.findall(r"^([a-z0-9.-]+)==", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    installed = {re.sub(r"[-_.]+", "-", entry["name"].lower()) for entry in json.loads(listed)}

    assert installed == {*locked, "acd-router"}


def test_every_module_imports_with_those_packages(environment: Path, elsewhere: Path) -> None:
    python = str(environment / "bin" / "python")

    assert must([python, "-P", "-c", IMPORT_ALL, *OURS], cwd=elsewhere, env={}) == "all imported\n"


def test_acd_checks_the_example(environment: Path, elsewhere: Path) -> None:
    must(acd(environment, "check", "--config", EXAMPLE), cwd=elsewhere, env=SECRET)


def test_the_daemon_runs_answers_and_stops(environment: Path, elsewhere: Path) -> None:
    config, env = configured(elsewhere), {**SECRET, "ACD_SOCKET": f"{elsewhere}/socket"}
    process = subprocess.Popen(
        acd(environment, "run", "--config", str(config)),
        cwd=elsewhere,
        env=env,
        text=True,
        stderr=subprocess.PIPE,
    )
    ask = acd(environment, "status", "--json")
    try:
        until(
            lambda: subprocess.run(ask, env=env, capture_output=True, check=False).returncode == 0, "up", 20
        )
        status = json.loads(must(ask, cwd=elsewhere, env=env))
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()

    assert [switch["in_sight"] for switch in status["switches"]] == [False], "its Asterisk is not there"
    assert process.returncode == 0, logged


def configured(folder: Path) -> Path:
    """Write the example with places and ports of this test's own; return its directory."""
    config = folder / "etc"
    shutil.copytree(EXAMPLE, config)
    (config / "acd.toml").write_text(
        f"""
        [daemon]
        state_dir = "{folder}/state"
        control_socket = "{folder}/socket"
        [agi]
        port = {free_port()}
        [[switch]]
        name = "pbx1"
        port = {free_port()}
        secret_env = "ACD_AMI_SECRET"
        """,
        encoding="utf-8",
    )
    return config


def free_port() -> int:
    """Return a TCP port of loopback that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
