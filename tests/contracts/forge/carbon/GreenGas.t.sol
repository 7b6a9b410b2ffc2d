// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {GreenWorld} from "./GreenWorld.sol";

interface GasVm {
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
}

/// @dev What a certificate costs; see GasTest.
/// forge-config: default.isolate = true
contract GreenGasTest is GreenWorld {
    GasVm private constant gasVm = GasVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function setUp() public {
        setUpGreen();
    }

    function test_gas() public {
        Given memory g = given(24);
        // Called, not read: forge makes a transaction of its own of it.
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory said) = address(small).call(
            abi.encodeCall(small.verify, (g.bound, uint256(g.summary.commitment), g.factors, g.proof))
        );
        vm.assertTrue(done && abi.decode(said, (bool)));
        gasVm.snapshotGasLastCall("carbon", "verify, 24 readings");
        certify(g);
        gasVm.snapshotGasLastCall("carbon", "certify, 24 readings");
        g = given(96);
        g.summary.job = "another job";
        sealJob(g.summary, EPOCH, true);
        certify(g);
        gasVm.snapshotGasLastCall("carbon", "certify, 96 readings");
    }
}
