// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ascending} from "../../../../contracts/libraries/Ascending.sol";

/// @dev The library reads calldata, so somebody has to call.
contract AscendingCalls {
    function requireOrder(address[] calldata list) external pure {
        Ascending.requireOrder(list);
    }

    function without(
        address[] calldata all,
        address[] calldata part
    ) external pure returns (address[] memory) {
        return Ascending.without(all, part);
    }

    function contains(address[] calldata list, address account) external pure returns (bool) {
        return Ascending.contains(list, account);
    }
}
