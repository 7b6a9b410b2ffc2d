#!/usr/bin/env bash
# Runs the tests that exist in some folders of tests/, in the environment they belong to.
#   scripts/install/run_tests.sh backend|node|aggregator FOLDER...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case $1 in
    backend) pytest=(.venv/bin/python -m pytest) ;;
    node) pytest=(.venvs/node/bin/python -m pytest) ;;
    # TensorFlow 2.14 warns of itself when it is imported.
    aggregator) pytest=(.venvs/aggregator/bin/python -m pytest -W ignore::DeprecationWarning) ;;
    *) echo "run_tests: there is no environment $1." >&2; exit 2 ;;
esac
shift

folders=()
for pattern in "$@"; do
    for folder in tests/$pattern; do
        # A folder without a test would make pytest fail with "no tests collected".
        if [ -n "$(find "$folder" -name 'test_*.py' -print -quit 2>/dev/null)" ]; then folders+=("$folder"); fi
    done
done
[ "${#folders[@]}" -gt 0 ] || { echo "run_tests: no tests yet in: $*"; exit 0; }
exec "${pytest[@]}" "${folders[@]}"
