"""The upload loop against a store that loses connections, forgets and refuses: whole in the end, or a clear refusal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.javascript import node

MB = 1024 * 1024
SIZE = 20 * MB
RUN = """
const { upload, SLICE_BYTES } = await import(`${frontend}/upload.js`);
const asked = [], waits = [], told = [];
let held = given.held ?? 0, urls = 0;
const faults = [...(given.faults ?? [])];
const stop = new AbortController();
const way = {
  signal: stop.signal,
  newUrl: async () => {
    const refused = (given.urls ?? [])[urls++];
    if (refused) throw Object.assign(new Error(refused.message ?? "no"), refused);
    return `u${urls}`;
  },
  put: async (url, range, body, sending, signal) => {
    asked.push(`${url} ${range}`);
    if (given.stop_at === asked.length) stop.abort();
    signal.throwIfAborted();
    const fault = faults.shift();
    if (fault?.takes) held += fault.takes;
    if (fault?.status !== undefined) return { range: null, ...fault };
    if (body) {
      const start = Number(/bytes (\\d+)/.exec(range)[1]);
      if (start !== held) return { status: 409, range: null, code: "upload.gap", message: "gap" };
      sending(Math.floor(body.size / 2));
      held = start + body.size;
    }
    if (held === given.size) return { status: 201, range: null };
    return { status: 308, range: held ? `bytes=0-${held - 1}` : null };
  },
  wait: async (ms) => void waits.push(ms),
  progress: (at) => told.push(at),
};
let refusal = null;
try {
  await upload(new Blob([new Uint8Array(given.size)]), way);
} catch (error) {
  refusal = { code: error.name === "AbortError" ? error.name : error.code, message: error.message };
}
give({ asked, waits, held, refusal, urls, sent: told.map((at) => at.sent), reasons: told.map((at) => at.reason) });
"""


def run(**given: Any) -> Any:
    """Upload `SIZE` bytes under these conditions."""
    return node(RUN, {"size": SIZE, **given})


def test_upload__nothing_goes_wrong__asks_once_and_sends_slices_in_order() -> None:
    told = run()
    assert told["asked"] == [
        f"u1 bytes */{SIZE}",
        f"u1 bytes 0-{8 * MB - 1}/{SIZE}",
        f"u1 bytes {8 * MB}-{16 * MB - 1}/{SIZE}",
        f"u1 bytes {16 * MB}-{SIZE - 1}/{SIZE}",
    ]
    assert told["refusal"] is None
    assert told["sent"] == sorted(told["sent"])
    assert told["sent"][-1] == SIZE


def test_upload__an_earlier_attempt_got_half_way__goes_on_from_there() -> None:
    told = run(held=12 * MB)
    assert told["asked"][1] == f"u1 bytes {12 * MB}-{SIZE - 1}/{SIZE}"


def test_upload__all_was_there_already__sends_nothing() -> None:
    assert run(held=SIZE)["asked"] == [f"u1 bytes */{SIZE}"]


def test_upload__connection_lost_after_part_of_a_slice__asks_where_it_stands_with_a_fresh_address() -> None:
    told = run(faults=[{}, {"status": 0, "takes": 3 * MB}])
    assert told["asked"][2:4] == [f"u2 bytes */{SIZE}", f"u2 bytes {3 * MB}-{11 * MB - 1}/{SIZE}"]
    assert (told["held"], told["refusal"]) == (SIZE, None)
    assert "The connection is interrupted." in told["reasons"]


def test_upload__the_network_is_away_for_long__waits_longer_each_time_and_never_gives_up() -> None:
    told = run(faults=[{}, *[{"status": 0}] * 30])
    assert told["refusal"] is None
    assert told["waits"][:6] == [500, 1000, 2000, 4000, 8000, 15000]
    assert max(told["waits"]) == 15000


def test_upload__the_address_has_expired__gets_a_new_one() -> None:
    told = run(faults=[{}, {"status": 403, "code": "object.expired", "message": "expired"}])
    assert (told["urls"], told["refusal"]) == (2, None)


def test_upload__the_store_refuses_again_and_again__says_its_own_refusal() -> None:
    refused = {"status": 400, "code": "upload.size", "message": "Too much."}
    told = run(faults=[refused] * 9)
    assert told["refusal"] == {"code": "upload.size", "message": "Too much."}
    assert len(told["asked"]) == 4


@pytest.mark.parametrize("status", [401, 404, 409])
def test_upload__no_address_is_given_any_more__ends_with_the_apis_refusal(status: int) -> None:
    told = run(urls=[{"status": status, "code": "ticket.not_funded", "message": "No."}])
    assert told["refusal"]["code"] == "ticket.not_funded"
    assert told["waits"] == []


def test_upload__the_api_is_away_for_a_moment__asks_again() -> None:
    told = run(urls=[{"status": 0, "code": "api.unreachable"}, {"status": 503, "code": "busy"}])
    assert (told["refusal"], told["held"]) == (None, SIZE)


def test_upload__stopped_in_the_middle__ends_at_once_and_keeps_what_is_there() -> None:
    told = run(stop_at=3)
    assert told["refusal"]["code"] == "AbortError"
    assert told["held"] == 8 * MB


def test_upload__the_store_names_an_impossible_range__is_refused() -> None:
    told = run(faults=[{"status": 308, "range": f"bytes=0-{SIZE}"}])
    assert told["refusal"]["code"] == "upload.range"
