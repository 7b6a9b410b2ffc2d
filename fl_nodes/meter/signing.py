"""A node's key whose signatures are windows of chain work."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.messages import SignableMessage
from eth_account.signers.local import LocalAccount
from eth_keys import keys

from fl_nodes.meter.windows import Windows


class MeteredAccount(LocalAccount):
    """An account that books what its signatures cost: texts and documents, which are all that a worker signs."""

    def __init__(self, account: LocalAccount, windows: Windows) -> None:
        super().__init__(keys.PrivateKey(bytes(account.key)), Account())
        self._windows = windows

    def sign_message(self, signable_message: SignableMessage) -> Any:
        """As any account does."""
        with self._windows.chain("signature"):
            return super().sign_message(signable_message)
