// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What the escrow knows of an account, in one word: DML wei to withdraw (low 128 bits), jobs that bind it as a
/// node (64 bits), and the quality of its work in basis points (high 16 bits), kept as its difference (exclusive or) from
/// the quality of a newcomer, so that an account never seen is zero.
type Account is uint256;

using Accounts for Account global;

/// @title Accounts
/// @notice Arithmetic on {Account}, unchecked where the books make sure: credits are part of the token's capped supply, which is
/// far below 2^128, and nobody is freed who was not bound.
library Accounts {
    /// @notice What is held of a node's work before any of it was judged.
    uint256 internal constant NEWCOMER_BPS = 5_000;
    /// @notice Quality moves one part in so many of the way to what a job showed.
    uint256 internal constant INERTIA = 8;

    uint256 private constant ONE_JOB = 1 << 128;
    uint256 private constant QUALITY_BIT = 240;
    uint256 private constant BELOW_QUALITY = (1 << 240) - 1;

    function credit(Account account) internal pure returns (uint256) {
        return uint128(Account.unwrap(account));
    }

    function jobs(Account account) internal pure returns (uint256) {
        return uint64(Account.unwrap(account) >> 128);
    }

    /// @notice Basis points.
    function quality(Account account) internal pure returns (uint256) {
        return (Account.unwrap(account) >> QUALITY_BIT) ^ NEWCOMER_BPS;
    }

    function credited(Account account, uint256 amount) internal pure returns (Account) {
        return Account.wrap(Account.unwrap(account) + amount);
    }

    function emptied(Account account) internal pure returns (Account) {
        return Account.wrap(Account.unwrap(account) - credit(account));
    }

    function bound(Account account) internal pure returns (Account) {
        return Account.wrap(Account.unwrap(account) + ONE_JOB);
    }

    function freed(Account account) internal pure returns (Account) {
        return Account.wrap(Account.unwrap(account) - ONE_JOB);
    }

    /// @notice Paid, freed of one job, and judged: the quality moves towards `showed`, at most 10 000 basis points.
    function rewarded(Account account, uint256 amount, uint256 showed) internal pure returns (Account) {
        unchecked {
            uint256 moved = (quality(account) * (INERTIA - 1) + showed) / INERTIA;
            uint256 rest = (Account.unwrap(account) & BELOW_QUALITY) + amount - ONE_JOB;
            return Account.wrap(rest | ((moved ^ NEWCOMER_BPS) << QUALITY_BIT));
        }
    }
}
