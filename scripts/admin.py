"""What the people in charge do with the deployed market, one function each.

    scripts/brownie/run.sh run scripts/admin.py show --network market
    scripts/brownie/run.sh run scripts/admin.py show 0xJobId --network market
    scripts/brownie/run.sh run scripts/admin.py mint 0xAddress 250 --network market
    scripts/brownie/run.sh run scripts/admin.py set_commission 150 --network market
    scripts/brownie/run.sh run scripts/admin.py pause --network market
    scripts/brownie/run.sh run scripts/admin.py unpause --network market
    scripts/brownie/run.sh run scripts/admin.py arbitrate 0xJobId 0xCulprit guilty --network market

Contracts are found in the deployments file (DEPLOYMENTS_FILE). Keys come from the environment:
DEPLOYER_PRIVATE_KEY for what the admin does, ARBITER_PRIVATE_KEY, MINTER_PRIVATE_KEY (default: the
deployer's). Everything is rehearsed before it is sent; docs/admin.md says more.
"""

from __future__ import annotations

from typing import NoReturn

from scripts.brownie import arguments
from scripts.brownie.books import dml, show_job, show_market
from scripts.brownie.market import Market, market
from scripts.brownie.refused import Refused
from scripts.brownie.site import command, site

VERBS = ("show", "mint", "set_commission", "pause", "unpause", "arbitrate")


def __getattr__(name: str) -> NoReturn:
    # Brownie looks up what it is asked to run; without this it shows a traceback for a misspelt verb.
    if name.startswith("_"):
        raise AttributeError(name)
    raise Refused("admin.command", f"There is no command {name}: it is one of {', '.join(VERBS)}.")


@command
def show(job_id: str = "") -> None:
    """Prints the books: what is held, what is owed, who is registered; or one job."""
    here = market(site())
    if job_id:
        show_job(here, arguments.job_id(job_id))
    else:
        show_market(here)


@command
def mint(to: str, amount_dml: str) -> None:
    """Creates DML for an address; whole coins or a decimal fraction."""
    receiver, amount_wei = arguments.address("The receiver", to), arguments.dml_wei(amount_dml)
    here = market(site())
    _refuse_our_contracts(here, receiver)
    left_wei = here.token.functions.cap().call() - here.token.functions.totalSupply().call()
    if amount_wei > left_wei:
        raise Refused(
            "admin.cap", f"Only {dml(left_wei)} can still be created under the cap, not {dml(amount_wei)}."
        )
    sender = here.sender("MINTER_PRIVATE_KEY", "DEPLOYER_PRIVATE_KEY")
    here.act(sender, here.token, "mint", receiver, amount_wei)
    print(f"{receiver} now holds {dml(here.token.functions.balanceOf(receiver).call())}")


@command
def set_commission(bps: str) -> None:
    """Sets the commission of jobs opened from now on, in basis points."""
    here = market(site())
    wanted = arguments.commission_bps(bps, here.escrow.functions.MAX_COMMISSION_BPS().call())
    found = here.escrow.functions.commissionBps().call()
    if found == wanted:
        print(f"the commission is {found} basis points already; nothing sent")
        return
    here.act(here.sender("DEPLOYER_PRIVATE_KEY"), here.escrow, "setCommission", wanted)
    print(
        f"the commission of new jobs is {here.escrow.functions.commissionBps().call()} basis points, was {found}"
    )


@command
def pause() -> None:
    """Refuses new jobs; everything about existing ones stays possible."""
    _set_paused(True)


@command
def unpause() -> None:
    """Takes new jobs again."""
    _set_paused(False)


@command
def arbitrate(job_id: str, culprit: str, outcome: str) -> None:
    """Decides a contested accusation: `guilty` slashes and bans, `innocent` frees the deposit."""
    job, accused = arguments.job_id(job_id), arguments.address("The accused", culprit)
    guilty = arguments.outcome(outcome)
    here = market(site())
    here.job(job)
    accusation = here.accusation(job, accused)
    if accusation != "contested":
        raise Refused(
            "admin.accusation", f"{accused} is {accusation} in job {job}; only contested is for the arbiter."
        )
    print(f"the evidence: ecodml evidence {job} DIR, then ecodml verify DIR/evidence-{accused}.tar")
    here.act(here.sender("ARBITER_PRIVATE_KEY"), here.escrow, "arbitrate", job, accused, guilty)
    print(f"{accused} is {here.accusation(job, accused)} in job {job}")


def _set_paused(wanted: bool) -> None:
    here = market(site())
    state = "closed to new jobs" if wanted else "open to new jobs"
    if here.escrow.functions.paused().call() == wanted:
        print(f"the escrow is {state} already; nothing sent")
        return
    here.act(here.sender("DEPLOYER_PRIVATE_KEY"), here.escrow, "pause" if wanted else "unpause")
    print(f"the escrow is {state}")


def _refuse_our_contracts(here: Market, account: str) -> None:
    for name, contract in here.contracts.items():
        if contract.address == account:
            raise Refused("admin.own_contract", f"{account} is the {name}: what is sent there is lost.")
