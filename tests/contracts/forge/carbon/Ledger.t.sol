// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {EnergyLedger} from "../../../../contracts/carbon/EnergyLedger.sol";
import {IEnergyRecord, RecordedEpoch} from "../../../../contracts/interfaces/IEnergyRecord.sol";
import {ForgeBase} from "../ForgeBase.sol";

/// @dev record: an append-only chain of energy readings, which the events alone tell (rule 8).
contract LedgerTest is ForgeBase {
    EnergyLedger private _ledger;

    function setUp() public {
        _ledger = new EnergyLedger(address(this), address(this));
    }

    function testFuzz_rule8_record__any_readings__a_chain_of_hashes(
        bytes32[5] memory roots,
        uint256[5] memory joules
    ) public {
        bytes32 head;
        for (uint256 i; i < 5; ++i) {
            bytes32 jobRef = bytes32(i + 1);
            bytes32 next = keccak256(abi.encode(i, RecordedEpoch(jobRef, roots[i], joules[i], head)));
            vm.expectEmit(address(_ledger));
            emit IEnergyRecord.EpochRecorded(i, jobRef, roots[i], joules[i], head, next);
            vm.assertEq(_ledger.record(jobRef, roots[i], joules[i]), i);
            vm.assertEq(_ledger.headHash(), next);
            vm.assertEq(_ledger.epoch(i).prevHash, head);
            (uint256 index, RecordedEpoch memory found) = _ledger.epochOf(jobRef);
            vm.assertEq(index, i);
            vm.assertEq(keccak256(abi.encode(i, found)), next);
            head = next;
        }
        vm.assertEq(_ledger.count(), 5);
    }

    function test_rule8_record__same_job_twice__refused() public {
        _ledger.record("other", "root", 1);
        _ledger.record("job", "root", 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyRecord.EnergyLedger_AlreadyRecorded.selector, bytes32("job"), 1)
        );
        _ledger.record("job", "another root", 2);
        vm.assertTrue(_ledger.isRecorded("job"));
    }

    function test_record__no_reference__refused() public {
        vm.expectRevert(abi.encodeWithSelector(IEnergyRecord.EnergyLedger_EmptyReference.selector));
        _ledger.record(0, "root", 1);
    }

    function test_rule8_record__by_a_stranger__refused() public {
        bytes32 role = _ledger.RECORDER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, address(7), role)
        );
        vm.prank(address(7));
        _ledger.record("job", "root", 1);
    }

    function test_epochOf__never_recorded__refused() public {
        vm.assertFalse(_ledger.isRecorded("job"));
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyRecord.EnergyLedger_NotRecorded.selector, bytes32("job"))
        );
        _ledger.epochOf("job");
    }
}
