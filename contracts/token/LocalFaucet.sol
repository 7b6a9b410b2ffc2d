// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDMLToken} from "../interfaces/IDMLToken.sol";
import {ILocalFaucet} from "../interfaces/ILocalFaucet.sol";

/// @title LocalFaucet
/// @notice Free DML for local chains. See {ILocalFaucet}.
contract LocalFaucet is ILocalFaucet {
    IDMLToken public immutable token;
    uint256 public immutable cap;

    constructor(IDMLToken token_, uint256 cap_) {
        _requireLocalChain();
        token = token_;
        cap = cap_;
    }

    /// @inheritdoc ILocalFaucet
    function drip(address to, uint256 amount) external {
        // Checked again on every call: a local chain can be forked and continued under another id.
        _requireLocalChain();
        if (amount > cap) revert LocalFaucet_AboveCap(amount, cap);

        emit Dripped(to, amount);
        token.mint(to, amount);
    }

    function _requireLocalChain() private view {
        uint256 id = block.chainid;
        if (id != 31337 && id != 31338 && id != 1337) revert LocalFaucet_NotALocalChain(id);
    }
}
