// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @dev A payee without a way to receive coins.
contract Rejecter {}
