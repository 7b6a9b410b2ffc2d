// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IDMLToken} from "../interfaces/IDMLToken.sol";
import {IJobEscrow} from "../interfaces/IJobEscrow.sol";

/// @title EscrowCredits
/// @notice Payments are credited and pulled, so that no payee can block anybody else's.
abstract contract EscrowCredits is IJobEscrow {
    using SafeERC20 for IDMLToken;

    IDMLToken public immutable token;

    uint256 public totalCredits;
    mapping(address account => uint256) public credit;

    constructor(IDMLToken token_) {
        token = token_;
    }

    /// @inheritdoc IJobEscrow
    function withdraw() external {
        _withdraw(msg.sender);
    }

    /// @inheritdoc IJobEscrow
    function withdrawFor(address account) external {
        _withdraw(account);
    }

    function _credit(address account, bytes32 jobId, uint256 amount) internal {
        if (amount == 0) return;
        credit[account] += amount;
        totalCredits += amount;
        emit Credited(account, jobId, amount);
    }

    function _withdraw(address account) private {
        uint256 amount = credit[account];
        if (amount == 0) revert JobEscrow_NothingToWithdraw(account);

        credit[account] = 0;
        totalCredits -= amount;

        emit Withdrawn(account, amount);
        token.safeTransfer(account, amount);
    }
}
