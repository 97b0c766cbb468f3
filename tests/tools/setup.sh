#!/bin/sh
# Make the checkout ready: what is missing of Python, venv and debootstrap by apt-get, then .venv from the hashed lock.
# Usage: sh tests/tools/setup.sh     (`make setup` calls it; run again it looks and leaves, in well under a second)
# Needs root only for what apt-get must install. Python without debootstrap is enough for everything but the real
# Asterisk, so a machine that cannot have debootstrap gets a note here and the full reason from tests.pbx.folder.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"

say() { echo "setup: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

apt_install() { # apt_install PACKAGE...: false when it cannot be done here
    is_root && command -v apt-get >/dev/null || return 1
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    # apt's lists may be missing (a fresh container) or old (the version they name is gone): refresh once, then install.
    if apt-get update -qq >"$log" 2>&1 && apt-get install -y -qq --no-install-recommends "$@" >>"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
    return 1
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

lock_for() { echo "tests/locks/dev-py$1.txt"; }

find_python() { # the first Python that runs and has a lock; pyenv's shims may be on the PATH and not run
    for candidate in python3 python3.13 python3.12 python3.11; do
        path=$(command -v "$candidate") || continue
        version=$(version_of "$path") || continue
        if [ -f "$(lock_for "$version")" ]; then
            echo "$path"
            return 0
        fi
    done
    return 1
}

need_python() {
    find_python >/dev/null && return 0
    apt_install python3 python3-venv && find_python >/dev/null && return 0
    fail "no Python 3.11, 3.12 or 3.13 on the PATH. Install one as root (apt-get install python3 python3-venv), then run this again"
}

need_venv_module() { # need_venv_module PYTHON: Debian and Ubuntu keep ensurepip in a package of its own
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return 0
    package="python$(version_of "$1")-venv"
    apt_install "$package" && "$1" -c 'import ensurepip, venv' 2>/dev/null && return 0
    fail "$1 cannot make virtual environments. Install $package as root (apt-get install $package), then run this again"
}

want_debootstrap() {
    packages=
    command -v debootstrap >/dev/null || [ -x /usr/sbin/debootstrap ] || packages="debootstrap"
    command -v gpgv >/dev/null || packages="$packages gpgv"
    command -v systemd-nspawn >/dev/null || packages="$packages systemd-container"
    [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || packages="$packages debian-archive-keyring"
    [ -z "$packages" ] && return 0
    # shellcheck disable=SC2086 # package names hold no spaces
    apt_install $packages || say "not installed:" $packages "- the real Asterisk needs them (as root: apt-get install" $packages"); without: make demo PBX=simulated"
}

stamp_now() { # stamp_now LOCK: everything the environment was made from
    { cat "$1" pyproject.toml tests/tools/setup.sh; pwd; } | sha256sum | cut -d' ' -f1
}

make_environment() {
    if ! version=$(version_of .venv/bin/python) || [ ! -f "$(lock_for "$version")" ]; then
        need_python
        python=$(find_python)
        need_venv_module "$python"
        version=$(version_of "$python")
        say "making .venv with Python $version ($python)"
        "$python" -m venv --clear .venv
    fi
    lock=$(lock_for "$version")
    stamp=$(stamp_now "$lock")
    [ "$(cat .venv/setup-stamp 2>/dev/null)" = "$stamp" ] && return 0
    rm -f .venv/setup-stamp
    say "installing $(grep -c == "$lock") packages from $lock"
    export PIP_DISABLE_PIP_VERSION_CHECK=1
    .venv/bin/python -m pip install -qq --require-hashes -r "$lock" ||
        fail "pip could not install $lock (above). Is the package registry reachable? A changed hash means another file than the locked one: do not go on"
    .venv/bin/python -m pip install -qq --no-deps --no-build-isolation --editable . ||
        fail "the checkout itself did not install (above)"
    echo "$stamp" >.venv/setup-stamp
    say "ready: .venv with Python $version"
}

make_environment
want_debootstrap
