#!/bin/sh
# Write the hashed dependency locks with the newest versions pyproject.toml allows, one per Python and purpose:
# tests/locks/{run,dev}-pyX.Y.txt. A lock pins what one Python on Linux needs, for every processor a package has
# files for. It names no index and no path.
# Usage: sh tests/tools/lock.sh [X.Y ...]    (default: 3.11 3.12 3.13; each in ~/.pyenv/versions or on the PATH)
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
[ $# -gt 0 ] || set -- 3.11 3.12 3.13

# Only the default registry: the hashes of a local wheel folder would be nobody else's.
unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL PIP_INDEX_URL
export PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1
export CUSTOM_COMPILE_COMMAND="sh tests/tools/lock.sh"

find_python() { # find_python X.Y
    # pyenv's own folders first: its shims answer on the PATH even for versions that are not selected.
    for candidate in "$HOME/.pyenv/versions/$1".*/bin/python3 "$(command -v "python$1" || true)"; do
        [ -x "$candidate" ] || continue
        [ "$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>&1)" = "$1" ] || continue
        echo "$candidate"
        return 0
    done
    echo "lock.sh: no Python $1 found: put python$1 on the PATH, or name only the versions you have" >&2
    return 1
}

# pip-compile would read pyproject.toml itself, but writes `acd-router @ file://…` for the extra that names another
# extra of ours. So: the same lists, with our own name resolved. setuptools comes along in `dev` because the checkout
# is installed there without build isolation.
list_requirements() { # list_requirements PYTHON
    "$1" - "$root/pyproject.toml" "$work" <<'PYTHON'
import pathlib, re, sys, tomllib

settings = tomllib.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
project, extras = settings["project"], settings["project"]["optional-dependencies"]
ours = re.compile(re.escape(project["name"]) + r"\[([\w,-]+)\]$")


def wanted(lines):
    for line in lines:
        named = ours.match(line)
        yield from (w for extra in named[1].split(",") for w in wanted(extras[extra])) if named else (line,)


run = project["dependencies"]
lists = {"run": run, "dev": [*settings["build-system"]["requires"], *run, *wanted(extras["dev"])]}
for name, lines in lists.items():
    (pathlib.Path(sys.argv[2]) / f"{name}.in").write_text("\n".join(lines) + "\n", encoding="utf-8")
PYTHON
}

lock() { # lock PYTHON run|dev OUTPUT
    (cd "$work" && rm -f lock.txt && "$1" -m piptools compile --quiet --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-emit-trusted-host --no-emit-options --allow-unsafe --strip-extras --no-config \
        --output-file lock.txt "$2.in")
    if grep -nE '://|^ *-[a-z]|^ *--[^h]|(^|[ =])/' "$work/lock.txt" >&2; then
        echo "lock.sh: the lock for $3 names an address or a path (above); nothing was written" >&2
        return 1
    fi
    mv "$work/lock.txt" "$3"
    echo "$3: $(grep -c == "$3") packages"
}

cd "$root"
mkdir -p tests/locks
for version in "$@"; do
    base=$(find_python "$version")
    "$base" -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet pip-tools
    list_requirements "$base"
    for purpose in run dev; do
        lock "$work/$version/bin/python" "$purpose" "tests/locks/$purpose-py$version.txt"
    done
done
