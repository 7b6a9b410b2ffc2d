"""Letting the escrow take DML: a signature that the token accepts, and what happens where the wallet has none to give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from scripts.browser.chain_access import ProviderError
from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from tests.integration.web.conftest import Site, connected

Visit = Callable[..., Visitor]
FEE = 3 * 10**18
SIGN = """async (value) => {
  const { signPermit } = await import("/static/wallet/permit.js");
  const { plain } = await import("/static/wallet/plain.js");
  try {
    const { deadline, v, r, s } = await signPermit({ spender: "JobEscrow", value });
    return { deadline: Number(deadline), v, r, s };
  } catch (error) {
    return plain(error);
  }
}"""
APPROVE = """async (value) => {
  const { allowance, approve } = await import("/static/wallet/permit.js");
  const { Transaction } = await import("/static/wallet/transactions.js");
  const tx = new Transaction({ key: "approve", label: "Let the escrow take the fee" });
  await tx.run(() => approve({ spender: "JobEscrow", value }));
  return [tx.step, String(await allowance("JobEscrow"))];
}"""


def test_permit__signed__is_taken_by_the_token_for_exactly_the_fee(site: Site, visit: Visit) -> None:
    wallet = site.wallet(dml=5)
    signed = connected(visit(wallet)).evaluate(SIGN, str(FEE))
    token, escrow = site.chain.contract("DMLToken"), site.chain.contract("JobEscrow")
    assert 3_000 < signed["deadline"] - site.chain.now() <= 3_600
    parts = signed["deadline"], signed["v"], signed["r"], signed["s"]
    permit = token.functions.permit(wallet.address, escrow.address, FEE, *parts)
    site.chain.act(site.chain.person("stranger"), permit)
    assert token.functions.allowance(wallet.address, escrow.address).call() == FEE


def test_permit__declined__is_a_declined_request_and_no_reason_to_approve(site: Site, visit: Visit) -> None:
    wallet = site.wallet(dml=5)
    wallet.approve["sign"] = False
    said = connected(visit(wallet)).evaluate(SIGN, str(FEE))
    assert said["code"] == "wallet.rejected"


class WithoutTypedData(TestWallet):
    """A wallet from before EIP-712, or one that is a contract and signs in a form of its own."""

    __test__ = False
    signature: str | None = None

    def _answer(self, method: str, params: Any, events: list[tuple[str, Any]]) -> Any:
        if method != "eth_signTypedData_v4":
            return super()._answer(method, params, events)
        if self.signature is None:
            raise ProviderError(-32601, "the method eth_signTypedData_v4 does not exist/is not available")
        return self.signature


def test_permit__wallet_cannot_sign_it__says_so_and_an_approval_does_instead(
    site: Site, visit: Visit
) -> None:
    known = site.wallet(dml=5)
    old = WithoutTypedData(known.account, known.nodes)
    page = connected(visit(old))
    assert page.evaluate(SIGN, str(FEE))["code"] == "permit.unsupported"
    old.signature = "0x" + "ab" * 130
    assert page.evaluate(SIGN, str(FEE))["code"] == "permit.unsupported"
    assert page.evaluate(APPROVE, str(FEE)) == ["confirmed", str(FEE)]
    expect(page.locator("#account-button")).to_be_visible()
