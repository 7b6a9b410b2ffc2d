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
export AMOY_RPC_URL="${AMOY_RPC_URL:-https://rpc-amoy.polygon.technology}"
export SOLCX_BINARY_PATH="$root/scripts/solc"
# The real binaries: npm's own launchers leave the chain running when they are killed.
for bin in "$root"/node_modules/@foundry-rs/anvil-*/bin; do PATH="$bin:$PATH"; done
export PATH

cd "$root"
port=8599
home="$root/run/brownie-home"
if [ "${1:-}" = test ]; then
    # A free port and a home of its own: Brownie attaches to whatever listens and reverts it.
    port=$("$root/.venvs/contracts/bin/python" -c \
        'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    home="$root/run/brownie-home-tests"
else
    # deployments.json is the record; Brownie's own breaks every command after a chain was reset.
    rm -rf "$root/build/deployments"
fi
mkdir -p "$home/.brownie" "$root/build"
sed "s/port: 8599/port: $port/" "$root/scripts/brownie/network-config.yaml" > "$home/.brownie/network-config.yaml"
export HOME="$home"

exec "$brownie" "$@"
