#!/usr/bin/env bash
# Installs everything EcoDML needs into this checkout: uv, the npm packages, four Python environments.
# Each part leaves a stamp of what it was installed from, so a second run does nothing.
#   scripts/install/install.sh                   everything that running and testing need
#   scripts/install/install.sh --force           the same, whatever the stamps say
#   scripts/install/install.sh --with-slither    Slither's environment too, which `make slither` needs
#   scripts/install/install.sh --with-flower     Flower's environment too, which `make bench-overhead` needs
#   scripts/install/install.sh --with-fuzz       the fuzzers' environment too, which `make fuzz` needs
#   scripts/install/install.sh --with-promtool   Prometheus' tool for checking alert rules, from the Debian package, into .tools
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
force=no
[ "${1:-}" = --force ] && force=yes
uv_version=0.13.9
export UV_PYTHON_DOWNLOADS=never

# To stderr: what the make targets print on stdout is JSON.
say() { printf 'install: %s\n' "$*" >&2; }
refuse() { printf 'install: %s\n' "$*" >&2; exit 1; }

apt_install() { # PACKAGE REASON
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || refuse "$2: install the package $1 (sudo apt-get install $1), then run make install again."
    say "$2: installing the Debian package $1"
    apt-get install -y --no-install-recommends "$1" >/dev/null 2>&1 ||
        { apt-get update >/dev/null && apt-get install -y --no-install-recommends "$1" >/dev/null; } ||
        refuse "apt-get could not install $1, which is needed because $2."
}

# The real interpreter behind whatever is on PATH: a version manager's launcher may name a version that is not there.
find_python() {
    local candidate
    while read -r candidate; do
        "$candidate" -c 'import sys; assert sys.version_info[:2] == (3, 11); print(sys.executable)' 2>/dev/null && return
    done < <(type -ap python3.11 python3 python)
    return 1
}

# Whether PART was installed from exactly these FILES with this interpreter.
current() { # STAMP FILES...
    local stamp=$1 want
    shift
    want=$(fingerprint "$@")
    [ "$force" = no ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]
}
stamp() { # STAMP FILES...
    local stamp=$1
    shift
    fingerprint "$@" > "$stamp"
}
fingerprint() { { printf '%s %s\n' "$root" "$python"; sha256sum "$@"; } | sha256sum | cut -d' ' -f1; }

find_uv() {
    local candidate
    for candidate in "$root/.tools/bin/uv" "$(command -v uv || true)"; do
        # Older ones cannot read conflicts between extras from the locks.
        [ -x "$candidate" ] && "$candidate" --version | "$python" -c \
            'import re, sys; v = re.search(r"(\d+)\.(\d+)", sys.stdin.read()); sys.exit((int(v[1]), int(v[2])) < (0, 8))' &&
            { printf '%s\n' "$candidate"; return; }
    done
    return 1
}

sync_environment() { # NAME FOLDER PROJECT EXTRA...
    local name=$1 folder=$2 project=$3
    shift 3
    local sources=("$project/pyproject.toml" "$project/uv.lock")
    if [ -x "$folder/bin/python" ] && current "$folder/.installed" "${sources[@]}"; then
        return
    fi
    say "Python environment $name: installing into $folder (the first time downloads up to 1 GB)"
    # Compiled now, once: TensorFlow imports in a third of the time, in nine processes.
    UV_PROJECT_ENVIRONMENT="$root/$folder" UV_COMPILE_BYTECODE=1 BROWNIE_NOCOMPILE=1 \
        "$uv" sync --quiet --frozen --python "$python" --project "$project" "$@" ||
        refuse "uv could not install the $name environment; its message is above."
    stamp "$folder/.installed" "${sources[@]}"
}

python=$(find_python) || refuse "Python 3.11 is missing: install python3.11, then run make install again."
command -v node >/dev/null || refuse "Node.js is missing: install Node.js 20 or newer, then run make install again."
command -v npm >/dev/null || refuse "npm is missing: install npm, then run make install again."
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ] ||
    refuse "Node.js is $(node --version): install Node.js 20 or newer, then run make install again."
[ "$(uname -sm)" = "Linux x86_64" ] ||
    refuse "this is $(uname -sm): TensorFlow Federated has packages for Linux on x86-64 only."

if ! uv=$(find_uv); then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3.11-venv "Python 3.11 cannot make environments"
    say "uv $uv_version: installing into .tools"
    "$python" -m venv .tools
    .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version" ||
        refuse "pip could not install uv; its message is above."
    uv=$root/.tools/bin/uv
fi

if ! current node_modules/.installed package.json package-lock.json; then
    say "npm packages: installing into node_modules"
    # No package needs its install script: the chain's and the compiler's binaries come as packages of their own.
    npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error || refuse "npm could not install the packages; its message is above."
    stamp node_modules/.installed package.json package-lock.json
fi

sync_environment backend .venv .
sync_environment contracts .venvs/contracts contracts
sync_environment node .venvs/node fl_nodes --extra node
sync_environment aggregator .venvs/aggregator fl_nodes --extra aggregator
[ "${1:-}" = --with-slither ] && sync_environment slither .venvs/slither scripts/install/slither
[ "${1:-}" = --with-flower ] && sync_environment flower .venvs/flower tests/bench/flower
if [ "${1:-}" = --with-promtool ] && ! command -v promtool >/dev/null && [ ! -x .tools/prometheus/usr/bin/promtool ]; then
    say "promtool: unpacking the Debian package prometheus into .tools (19 MB)"
    (mkdir -p .tools && cd .tools && apt-get download -q prometheus >/dev/null && dpkg-deb -x prometheus_*.deb prometheus && rm prometheus_*.deb) ||
        refuse "apt-get could not download the package prometheus; put promtool on PATH."
fi
[ "${1:-}" = --with-fuzz ] && sync_environment fuzz .venvs/fuzz . --no-default-groups --group fuzz

# The wheel's mongod links it; another mongod, or another database, may be used instead.
if [ -z "${MONGODB_URI:-}" ] && ! command -v mongod >/dev/null; then
    ldconfig -p 2>/dev/null | grep 'libcurl\.so\.4 ' >/dev/null || apt_install libcurl4 "mongod needs libcurl"
fi

# The pages' tests look through it. Nothing else needs it: where it cannot be installed, what is missing is said, no more.
if [ -z "${ECODML_CHROMIUM:-}" ]; then
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
        (apt_install chromium "the pages' tests need a browser (or name one in ECODML_CHROMIUM)") || true
    [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name '*.ttf' -print -quit 2>/dev/null)" ] ||
        (apt_install fonts-dejavu-core "the browser needs a font") || true
fi
# Several API processes need a queue between them and a proxy before them; one needs neither. Our own are started by the stack: the
# packages must start none of theirs, whichever system looks after services here.
unstarted() { (export RUNLEVEL=1 SYSTEMD_OFFLINE=1; apt_install "$@") || true; }
[ -n "${ECODML_REDIS:-}" ] || command -v redis-server >/dev/null ||
    unstarted redis-server "several backends need a queue (or name a redis-server in ECODML_REDIS)"
PATH=$PATH:/usr/sbin command -v nginx >/dev/null || unstarted nginx-light "several backends need a proxy before them"
say "everything is in place"
