#!/bin/sh
# Runs the forge that npm installed for this machine, in the folder it is called from.
#   scripts/contracts/forge.sh test --match-contract SettleTest
set -eu

root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
case "$(uname -sm)" in
    "Linux x86_64") machine=linux-amd64 ;;
    "Linux aarch64" | "Linux arm64") machine=linux-arm64 ;;
    "Darwin x86_64") machine=darwin-amd64 ;;
    "Darwin arm64") machine=darwin-arm64 ;;
    *) echo "forge.sh: npm has no forge for $(uname -sm)." >&2; exit 1 ;;
esac
# The real binary: npm's own launcher leaves forge running when it is killed.
forge="$root/node_modules/@foundry-rs/forge-$machine/bin/forge"
[ -x "$forge" ] || {
    echo "forge.sh: @foundry-rs/forge-$machine is not installed: run make install first." >&2
    exit 1
}
exec "$forge" "$@"
