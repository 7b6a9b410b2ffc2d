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
        _measure(24, "job", "verify, 24 readings", "certify, 24 readings");
        _measure(96, "another job", "verify, 96 readings", "certify, 96 readings");
    }

    function _measure(uint256 size, bytes32 job, string memory verifying, string memory certifying) private {
        Given memory g = given(size);
        g.summary.job = job;
        sealJob(g.summary, EPOCH, true);
        // Called, not read: forge makes a transaction of its own of it.
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory said) = address(certificates.verifierOf(size)).call(
            abi.encodeCall(small.verify, (g.bound, uint256(g.summary.commitment), g.factors, g.proof))
        );
        vm.assertTrue(done && abi.decode(said, (bool)));
        gasVm.snapshotGasLastCall("carbon", verifying);
        certify(g);
        gasVm.snapshotGasLastCall("carbon", certifying);
    }
}
