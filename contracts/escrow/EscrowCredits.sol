// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IDMLToken} from "../interfaces/IDMLToken.sol";
import {IJobEscrow} from "../interfaces/IJobEscrow.sol";
import {Account} from "../libraries/Accounts.sol";

/// @title EscrowCredits
/// @notice The books: what is held, who may withdraw what, and which nodes are bound by how many jobs.
/// @dev Payments are credited and pulled, so that no payee can block anybody else's. A node's credit and its open jobs
/// share one word of storage, so that a settlement touches each payee once.
abstract contract EscrowCredits is IJobEscrow {
    using SafeERC20 for IDMLToken;

    /// @param openFees DML wei of the jobs that have not ended.
    /// @param credits DML wei that can be withdrawn or claimed.
    struct Totals {
        uint128 openFees;
        uint128 credits;
    }

    uint256 internal constant ALL_BPS = 10_000;

    IDMLToken public immutable token;

    mapping(address account => Account) internal _accounts;
    Totals internal _totals;

    constructor(IDMLToken token_) {
        if (address(token_) == address(0)) revert JobEscrow_ZeroAddress();
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

    /// @inheritdoc IJobEscrow
    function credit(address account) external view returns (uint256) {
        return _accounts[account].credit();
    }

    /// @inheritdoc IJobEscrow
    function openJobs(address provider) external view returns (uint256) {
        return _accounts[provider].jobs();
    }

    /// @inheritdoc IJobEscrow
    function qualityOf(address[] calldata providers) external view returns (uint256[] memory quality) {
        quality = new uint256[](providers.length);
        for (uint256 i; i < providers.length; ++i) quality[i] = _accounts[providers[i]].quality();
    }

    /// @inheritdoc IJobEscrow
    function totalCredits() external view returns (uint256) {
        return _totals.credits;
    }

    /// @inheritdoc IJobEscrow
    function openFees() external view returns (uint256) {
        return _totals.openFees;
    }

    /// @dev An open job's fee becomes credits of the same sum; the caller hands them out.
    function _feeBecomesCredits(uint128 fee) internal {
        Totals memory totals = _totals;
        _totals = Totals(totals.openFees - fee, totals.credits + fee);
    }

    function _credit(address account, uint256 amount) internal {
        _accounts[account] = _accounts[account].credited(amount);
    }

    /// @dev Pays, frees and judges a trainer with one read and one write.
    function _reward(address provider, uint256 amount, uint256 showed) internal {
        _accounts[provider] = _accounts[provider].rewarded(amount, showed);
    }

    function _bind(address[] memory providers) internal {
        for (uint256 i; i < providers.length; ++i) _accounts[providers[i]] = _accounts[providers[i]].bound();
    }

    function _release(address[] calldata providers) internal {
        for (uint256 i; i < providers.length; ++i) _accounts[providers[i]] = _accounts[providers[i]].freed();
    }

    function _withdraw(address account) private {
        uint256 amount = _accounts[account].credit();
        if (amount == 0) revert JobEscrow_NothingToWithdraw(account);

        _accounts[account] = _accounts[account].emptied();
        _totals.credits -= uint128(amount);

        emit Withdrawn(account, amount);
        token.safeTransfer(account, amount);
    }
}
