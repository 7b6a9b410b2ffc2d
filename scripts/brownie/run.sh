#!/bin/sh
# Brownie, kept inside this checkout: its home, its compiler, its chains.
#   scripts/brownie/run.sh run scripts/deploy.py --network market
#   scripts/brownie/run.sh test tests/contracts -c tests/contracts/brownie-pytest.ini --network development
set -eu

root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
brownie="$root/.venvs/contracts/bin/brownie"
[ -x "$brownie" ] || { echo "Brownie is not installed: run make install first." >&2; exit 1; }

export MARKET_RPC_URL="${MARKET_RPC_URL:-http://127.0.0.1:8545}"
export CARBON_RPC_URL="${CARBON_RPC_URL:-http://127.0.0.1:8546}"
export GANACHE_RPC_URL="${GANACHE_RPC_URL:-http://127.0.0.1:8550}"
# The URL of a public chain may hold an API key: it has no default.
case " $* " in *" amoy "*)
    [ -n "${AMOY_RPC_URL:-}" ] || { echo "AMOY_RPC_URL is not set. [admin.setting]" >&2; exit 1; } ;;
esac
export SOLCX_BINARY_PATH="$root/scripts/solc"
# The real binaries: npm's own launchers leave the chain running when they are killed.
for bin in "$root"/node_modules/@foundry-rs/anvil-*/bin; do PATH="$bin:$PATH"; done
export PATH

cd "$root"
port=8599
home="${ECODML_BROWNIE_HOME:-$root/run/brownie-home}"
if [ "${1:-}" = test ]; then
    # A free port and a home of its own: Brownie attaches to whatever listens and reverts it.
    port=$("$root/.venvs/contracts/bin/python" -c \
        'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    home="$root/run/brownie-home-tests"
else
    # deployments.json is the record; what Brownie's console leaves here breaks every command after a chain was reset.
    rm -f "$root"/build/deployments/*/*.json
fi
mkdir -p "$home/.brownie" "$root/build"
# Whole or not at all: another script may be starting.
sed "s/port: 8599/port: $port/" "$root/scripts/brownie/network-config.yaml" > "$home/.brownie/network-config.$$"
mv "$home/.brownie/network-config.$$" "$home/.brownie/network-config.yaml"
export HOME="$home"

exec "$brownie" "$@"
