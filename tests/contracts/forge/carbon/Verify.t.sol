// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {GreenVerifier} from "../../../../contracts/carbon/GreenVerifier.sol";
import {VerifyingKey} from "../../../../contracts/interfaces/IGreenVerifier.sol";
import {ForgeBase} from "../ForgeBase.sol";

/// @dev verify: what is refused whatever the key is. Under a key of zeros, all points at infinity, every equation holds, so nothing
/// but the form of what is handed in can be refused; and forge's coverage knows the code again, which a real key's constants hide.
contract VerifyTest is ForgeBase {
    uint256 private constant R =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant Q =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    GreenVerifier private _verifier;

    function setUp() public {
        VerifyingKey memory zeros;
        _verifier = new GreenVerifier(24, zeros);
    }

    function test_verify__points_at_infinity__hold() public view {
        uint256[8] memory proof;
        vm.assertTrue(_verifier.verify(R - 1, R - 1, R - 1, proof));
    }

    function testFuzz_verify__a_value_beyond_the_field__refused(uint256 which, uint256 value) public view {
        uint256[8] memory proof;
        uint256[3] memory values;
        values[bound(which, 0, 2)] = bound(value, R, type(uint256).max - 1);
        vm.assertFalse(_verifier.verify(values[0], values[1], values[2], proof));
    }

    function test_verify__a_point_off_the_curve__refused() public view {
        uint256[8] memory proof;
        (proof[0], proof[1]) = (1, 1);
        vm.assertFalse(_verifier.verify(0, 0, 0, proof));
        (proof[0], proof[1]) = (1, 2);
        vm.assertTrue(_verifier.verify(0, 0, 0, proof));
        proof[1] = Q;
        vm.assertFalse(_verifier.verify(0, 0, 0, proof));
    }
}
