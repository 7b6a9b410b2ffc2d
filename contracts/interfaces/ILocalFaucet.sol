// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Free DML for local chains
/// @notice Cannot be deployed or used on any chain whose id is not 31337, 31338 or 1337.
interface ILocalFaucet {
    /// @notice The chain is not a local one.
    error LocalFaucet_NotALocalChain(uint256 chainId);
    /// @notice More was asked for than one call gives.
    error LocalFaucet_AboveCap(uint256 amount, uint256 cap);

    /// @notice `amount` wei of new DML went to `to`.
    event Dripped(address indexed to, uint256 amount);

    /// @notice Mints `amount` wei of DML for `to`, at most `cap()` in one call. Open to anyone.
    function drip(address to, uint256 amount) external;

    /// @notice The most DML wei one call gives.
    function cap() external view returns (uint256);
}
