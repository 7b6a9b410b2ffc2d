"""Write `backend/adapters/intensity/yearly_factors.json` from the data that CodeCarbon packages.

Runs in the node's environment, which has CodeCarbon and its list of countries:

    .venvs/node/bin/python -m scripts.yearly_factors
"""

from __future__ import annotations

import json
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pycountry

TARGET = Path(__file__).resolve().parents[1] / "backend/adapters/intensity/yearly_factors.json"


def factors() -> dict[str, Any]:
    """The document: by ISO 3166 code of two letters `[country, gCO2e per kWh (life-cycle), year]`."""
    spec = find_spec("codecarbon")
    if spec is None or spec.origin is None:
        raise SystemExit("CodeCarbon is not installed here: run this in the node's environment.")
    file = Path(spec.origin).parent / "data" / "private_infra" / "global_energy_mix.json"
    mixes = json.loads(file.read_text(encoding="utf-8"))
    countries = {}
    for code, mix in mixes.items():
        country = pycountry.countries.get(alpha_3=code)
        if country is not None and mix.get("carbon_intensity") is not None:
            countries[country.alpha_2] = [mix["country_name"], mix["carbon_intensity"], mix["year"]]
    return {
        "source": f"Our World in Data (Ember, Energy Institute), packaged by CodeCarbon {version('codecarbon')}",
        "licence": "CodeCarbon: MIT; Our World in Data: CC BY 4.0",
        "url": "https://github.com/mlco2/codecarbon/tree/master/codecarbon/data/private_infra",
        "unit": "gCO2e per kWh, life-cycle, average of the year named",
        "countries": dict(sorted(countries.items())),
    }


def text(document: dict[str, Any]) -> str:
    """The file's text, one country a line."""
    rows = [
        f"    {json.dumps(code)}: {json.dumps(row, ensure_ascii=False)}"
        for code, row in document["countries"].items()
    ]
    head = [
        f"  {json.dumps(name)}: {json.dumps(value)}"
        for name, value in document.items()
        if name != "countries"
    ]
    return "{\n" + ",\n".join([*head, '  "countries": {\n' + ",\n".join(rows) + "\n  }"]) + "\n}\n"


def main() -> None:
    """Write it."""
    document = factors()
    TARGET.write_text(text(document), encoding="utf-8")
    print(f"{TARGET.name}: {len(document['countries'])} countries")


if __name__ == "__main__":
    main()
