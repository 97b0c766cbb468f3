"""Speaks the prompts that have no file with espeak-ng: `python -m telephony.speech.make_prompts --out DIR`.

For the demo, the tests and a first day; a site then records its own. The only file of this package that does I/O.
"""

import array
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Collection
from pathlib import Path

import click

from telephony.speech.files import OURS, missing_prompts
from telephony.speech.grammar import Grammar, Prompt
from telephony.speech.registry import GRAMMARS, choose
from telephony.speech.wave8k import RATE, to_telephone

PROGRAM = "espeak-ng"
SPEED = 150
"""Words a minute; espeak-ng's own 175 is hard to follow over the telephone."""


class SpeakingError(Exception):
    """A prompt could not be made; the text tells the operator what to do."""


def sounds_in(folder: Path) -> frozenset[str]:
    """The sounds below a folder as `telephony.speech.files` names them. Links are followed: Debian's `en` is one."""
    found = {
        file.relative_to(folder).with_suffix("").as_posix()
        for language in folder.iterdir()
        if language.is_dir()
        for file in language.rglob("*")
        if file.is_file()
    }
    return frozenset(found)


def espeak() -> str:
    """Where espeak-ng is. Raises SpeakingError where it is not."""
    found = shutil.which(PROGRAM)
    if found is None:
        raise SpeakingError(f"{PROGRAM} is not installed; on Debian: apt-get install {PROGRAM}")
    return found


def speak(program: str, grammar: Grammar, prompt: Prompt, target: Path) -> None:
    """Write one prompt as 8 kHz mono 16-bit WAV. Raises SpeakingError. The file appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        raw = Path(scratch, "raw.wav")
        command = [
            program,
            "-v",
            grammar.voice,
            "-s",
            str(SPEED),
            "-w",
            str(raw),
            "--",
            grammar.words[prompt],
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)  # noqa: S603 - words of ours
        if done.returncode or not raw.exists():
            raise SpeakingError(f"{PROGRAM} could not say {prompt} in {grammar.code}: {done.stderr.strip()}")
        made = Path(scratch, "made.wav")
        _write(made, to_telephone(*_read(raw)))
        made.replace(target)


def _read(file: Path) -> tuple[list[int], int]:
    with wave.open(str(file), "rb") as source:
        samples = array.array("h", source.readframes(source.getnframes()))
        rate = source.getframerate()
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tolist(), rate


def _write(file: Path, samples: list[int]) -> None:
    data = array.array("h", samples)
    if sys.byteorder == "big":
        data.byteswap()
    with wave.open(str(file), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes(data.tobytes())


def make(code: str, out: Path, present: Collection[str]) -> int:
    """Speak what a language lacks into out/<language>/acd; how many were made. Raises SpeakingError."""
    lacking = missing_prompts(choose(code), present)
    if not lacking:
        return 0
    program = espeak()
    for prompt in lacking:
        speak(program, GRAMMARS[code], prompt, out / code / OURS / f"{prompt}.wav")
    return len(lacking)


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Made below it: fr/acd/minutes.wav …"
)
@click.option(
    "--sounds",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A sounds folder; what is there is not made.",
)
@click.option(
    "--language", "languages", multiple=True, type=click.Choice(sorted(GRAMMARS)), help="These only."
)
@click.option(
    "--list", "listing", type=click.Choice(sorted(GRAMMARS)), help="Print a language's prompts and words."
)
def main(out: Path | None, sounds: Path | None, languages: tuple[str, ...], listing: str | None) -> None:
    """Speak the prompts that are missing with espeak-ng, as 8 kHz mono WAV."""
    if listing:
        for prompt, words in sorted(GRAMMARS[listing].words.items()):
            click.echo(f"{prompt}\t{words}")
        return
    if out is None:
        raise click.UsageError("give --out DIR, or --list LANGUAGE")
    try:
        out.mkdir(parents=True, exist_ok=True)
        present = sounds_in(out) | (sounds_in(sounds) if sounds else frozenset())
        for code in languages or sorted(GRAMMARS):
            click.echo(f"{code}: {make(code, out, present)} made")
    except (SpeakingError, OSError, subprocess.TimeoutExpired) as wrong:
        raise click.ClickException(str(wrong)) from wrong


if __name__ == "__main__":
    main()
