"""The test wallet is a wallet: what a page gets from it is what a chain and a signature check accept."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data

from scripts.browser.visitor import Visitor
from scripts.demo.stage import Stage
from tests.e2e.web.conftest import NewWallet, Visit

CALL = """async ([name, method, params]) => {
  const found = new Map();
  const hear = ({ detail }) => found.set(detail.info.name, detail.provider);
  window.addEventListener("eip6963:announceProvider", hear);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  window.removeEventListener("eip6963:announceProvider", hear);
  if (!method) return [...found.keys()];
  const provider = found.get(name);
  window.heard ??= [];
  if (!provider.heard) {
    provider.heard = true;
    for (const event of ["connect", "accountsChanged", "chainChanged"])
      provider.on(event, (data) => window.heard.push([event, data]));
  }
  try {
    return { result: await provider.request({ method, params }) };
  } catch (error) {
    return { code: error.code, message: error.message };
  }
}"""
TYPED: dict[str, Any] = {
    "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "chainId", "type": "uint256"}],
        "Permit": [{"name": "owner", "type": "address"}, {"name": "value", "type": "uint256"}],
    },
    "primaryType": "Permit",
    "domain": {"name": "DML", "chainId": "31337"},
}


def ask(visitor: Visitor, method: str, *params: Any, name: str = "Test Wallet") -> dict[str, Any]:
    answer: dict[str, Any] = visitor.page.evaluate(CALL, [name, method, list(params)])
    return answer


def test_wallet__connects_signs_and_sends__as_the_chain_accepts_it(
    stage: Stage, visit: Visit, new_wallet: NewWallet
) -> None:
    wallet = new_wallet(dml=5)
    visitor = visit(wallet)
    visitor.open("/")
    own = wallet.address.lower()
    assert ask(visitor, "eth_accounts") == {"result": []}
    assert ask(visitor, "personal_sign", "0x6869", own)["code"] == 4100
    assert ask(visitor, "eth_requestAccounts") == {"result": [own]}
    assert ["connect", {"chainId": "0x7a69"}] in visitor.page.evaluate("() => window.heard")

    signed = ask(visitor, "personal_sign", "0x6869", own)["result"]
    assert Account.recover_message(encode_defunct(text="hi"), signature=signed) == wallet.address

    document = TYPED | {"message": {"owner": own, "value": str(10**18)}}
    signed = ask(visitor, "eth_signTypedData_v4", own, document)["result"]
    as_numbers = document | {
        "domain": {"name": "DML", "chainId": 31337},
        "message": {"owner": own, "value": 10**18},
    }
    assert (
        Account.recover_message(encode_typed_data(full_message=as_numbers), signature=signed)
        == wallet.address
    )

    friend = new_wallet(dml=0, native=0)
    sent = ask(
        visitor, "eth_sendTransaction", {"from": own, "to": friend.address.lower(), "value": hex(10**17)}
    )
    assert stage.market.web3.eth.wait_for_transaction_receipt(sent["result"])["status"] == 1
    assert stage.market.native_wei(friend.address) == 10**17
    too_much = {"from": own, "to": friend.address, "value": hex(10**18), "gas": hex(21_000)}
    assert "insufficient funds" in ask(visitor, "eth_sendTransaction", too_much)["message"].lower()
    assert stage.market.dml_wei(wallet.address) == 5 * 10**18


def test_wallet__its_user_rejects_waits_and_changes__as_a_page_must_bear_it(
    visit: Visit, new_wallet: NewWallet
) -> None:
    wallet, other = new_wallet(dml=0), new_wallet(dml=0, name="Other Wallet")
    visitor = visit(wallet, other)
    visitor.open("/")
    assert visitor.page.evaluate(CALL, ["", "", []]) == ["Test Wallet", "Other Wallet"]
    wallet.reject_next("connect")
    assert ask(visitor, "eth_requestAccounts")["code"] == 4001
    ask(visitor, "eth_requestAccounts")
    wallet.approve["sign"] = False
    assert ask(visitor, "personal_sign", "0x6869", wallet.address)["code"] == 4001
    wallet.approve["sign"] = True

    wallet.hold("sign")
    visitor.page.evaluate(
        "([call, args]) => void eval(`(${call})`)(args).then((answer) => (window.answered = answer.result))",
        [CALL, ["Test Wallet", "personal_sign", ["0x6869", wallet.address]]],
    )
    while not wallet.waiting:
        visitor.page.wait_for_timeout(20)
    wallet.release()
    visitor.page.wait_for_function("() => window.answered?.startsWith('0x')")

    wallet.forget_chains()
    assert ask(visitor, "eth_chainId") == {"result": "0x1"}
    assert ask(visitor, "wallet_switchEthereumChain", {"chainId": "0x7a6a"})["code"] == 4902
    chain = {
        "chainId": "0x7a6a",
        "chainName": "Carbon",
        "rpcUrls": [wallet.nodes[31338]],
        "nativeCurrency": {"name": "Ether", "symbol": "ETH", "decimals": 18},
    }
    assert ask(visitor, "wallet_addEthereumChain", chain) == {"result": None}
    assert ask(visitor, "eth_chainId") == {"result": "0x7a6a"}
    heard = visitor.page.evaluate("() => window.heard")
    assert ["chainChanged", "0x1"] in heard
    assert ["chainChanged", "0x7a6a"] in heard
    wallet.switch_account()
    assert ["accountsChanged", [wallet.address.lower()]] in visitor.page.evaluate("() => window.heard")
    assert ask(visitor, "eth_accounts", name="Other Wallet") == {"result": []}

    visitor.page.reload()
    assert ask(visitor, "eth_accounts") == {"result": [wallet.address.lower()]}
    assert wallet.asked("wallet_switchEthereumChain") == [[{"chainId": "0x7a6a"}]]
