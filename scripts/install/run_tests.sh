#!/usr/bin/env bash
# Runs the kinds of tests that exist, in the environment they belong to.
#   scripts/install/run_tests.sh backend|node|aggregator KIND...      KIND is a folder of tests/
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case $1 in
    backend) python=.venv/bin/python ;;
    node | aggregator) python=.venvs/$1/bin/python ;;
    *) echo "run_tests: there is no environment $1." >&2; exit 2 ;;
esac
shift

folders=()
for kind in "$@"; do
    # A kind without a test would make pytest fail with "no tests collected".
    if find "tests/$kind" -name 'test_*.py' 2>/dev/null | grep -q .; then folders+=("tests/$kind"); fi
done
[ "${#folders[@]}" -gt 0 ] || { echo "run_tests: no tests yet in: $*"; exit 0; }
exec "$python" -m pytest "${folders[@]}"
