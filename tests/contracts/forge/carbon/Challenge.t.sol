// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {IEnergyLedger, Member, Proposal, Standing} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {LedgerWorld} from "./LedgerWorld.sol";

/// @dev challenge and arbitrate: nothing is built on an epoch that somebody who may sign finds wrong; and what stands in one.
contract ChallengeTest is LedgerWorld {
    bytes32 private constant REASON = keccak256("my readings are not mine");
    Member[] private _none;

    function setUp() public {
        _deploy(7);
        _seal(_jobs(0, 1, 1));
    }

    function test_isFinal__unchallenged__when_the_window_is_over() public {
        vm.assertFalse(_ledger.isFinal(0));
        vm.assertFalse(_ledger.isFinal(1));
        vm.warp(block.timestamp + CHALLENGE_S - 1);
        vm.assertFalse(_ledger.isFinal(0));
        vm.warp(block.timestamp + 1);
        vm.assertTrue(_ledger.isFinal(0));
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_WindowClosed.selector, 0));
        vm.prank(ARBITER);
        _ledger.challenge(0, REASON, _none);
    }

    function testFuzz_challenge__by_a_member__holds_the_epoch_until_the_arbiter_decides(
        uint256 who,
        bool stands
    ) public {
        address member = _members[who % 7].key;
        vm.expectEmit(address(_ledger));
        emit IEnergyLedger.EpochChallenged(0, member, REASON);
        vm.prank(member);
        _ledger.challenge(0, REASON, _members);
        vm.warp(block.timestamp + 365 days);
        vm.assertFalse(_ledger.isFinal(0));
        Standing after_ = stands ? Standing.Upheld : Standing.Void;
        vm.expectEmit(address(_ledger));
        emit IEnergyLedger.EpochArbitrated(0, after_);
        vm.prank(ARBITER);
        _ledger.arbitrate(0, stands);
        vm.assertTrue(_ledger.standing(0) == after_);
        vm.assertTrue(_ledger.isFinal(0) == stands);
    }

    function test_challenge__twice__refused() public {
        vm.prank(ARBITER);
        _ledger.challenge(0, REASON, _none);
        bytes memory why = abi.encodeWithSelector(
            IEnergyLedger.EnergyLedger_WrongStanding.selector,
            0,
            Standing.Challenged
        );
        vm.expectRevert(why);
        vm.prank(_members[0].key);
        _ledger.challenge(0, REASON, _members);
    }

    function test_challenge__by_a_stranger__refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NotAMember.selector, address(this))
        );
        _ledger.challenge(0, REASON, _members);
        Member[] memory own = new Member[](1);
        own[0] = Member(address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_WrongMembers.selector, 0));
        _ledger.challenge(0, REASON, own);
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NoEpoch.selector, 1));
        _ledger.challenge(1, REASON, own);
    }

    function test_arbitrate__by_others_or_unchallenged__refused() public {
        bytes memory why = abi.encodeWithSelector(
            IEnergyLedger.EnergyLedger_WrongStanding.selector,
            0,
            Standing.Unchallenged
        );
        vm.expectRevert(why);
        vm.prank(ARBITER);
        _ledger.arbitrate(0, true);
        bytes32 role = _ledger.ARBITER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector,
                address(this),
                role
            )
        );
        _ledger.arbitrate(0, true);
    }

    function test_verify__leaves_and_proofs__stand_under_their_own_root_only() public {
        bytes32 mine = keccak256("mine");
        bytes32 other = keccak256("other");
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = other;
        Proposal memory p = _proposal();
        p.readingsRoot =
            mine < other ? keccak256(abi.encode(mine, other)) : keccak256(abi.encode(other, mine));
        p.claimsRoot = 0;
        uint256 index = _sealAs(p, _jobs(1, 1, 2), _all());
        vm.assertTrue(_ledger.verifyReading(index, mine, proof));
        vm.assertFalse(_ledger.verifyReading(index, keccak256("forged"), proof));
        vm.assertFalse(_ledger.verifyReading(0, mine, proof));
        vm.assertFalse(_ledger.verifyReading(index + 1, mine, proof));
        bytes32[] memory none = new bytes32[](0);
        vm.assertTrue(_ledger.verifyJob(index, _ledger.epoch(index).jobsRoot, none));
        vm.assertFalse(_ledger.verifyJob(index + 1, mine, none));
        // An empty root holds nothing, not even the leaf that equals it.
        vm.assertFalse(_ledger.verifyClaim(index, 0, none));
        vm.assertFalse(_ledger.verifyClaim(index + 1, mine, none));
        vm.assertTrue(_ledger.verifyClaim(0, _ledger.epoch(0).claimsRoot, none));
    }
}
