// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title The token customers pay with
/// @notice ERC-20 with 18 decimals, permit (EIP-2612) and a hard cap on its supply.
interface IDMLToken is IERC20, IERC20Permit {
    /// @notice Creates `amount` wei of DML for `to`.
    /// @dev Only MINTER_ROLE. Reverts with ERC20ExceededCap above the cap.
    function mint(address to, uint256 amount) external;
}
