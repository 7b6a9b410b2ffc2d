// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {EnergyLedger} from "../../../../contracts/carbon/EnergyLedger.sol";
import {
    Checkpoint,
    IEnergyLedger,
    JobSummary,
    Member,
    Proposal
} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {LedgerWorld} from "./LedgerWorld.sol";

/// @dev anchor and renew: who may sign follows from who could sign before (rule 8).
contract CheckpointsTest is LedgerWorld {
    bytes32 private constant HASH = keccak256("a later block");

    function setUp() public {
        _deploy(7);
    }

    function test_anchor__first__recorded_with_its_market_block() public view {
        Checkpoint memory c = _ledger.checkpoint(0);
        (, uint256 total) = _weightOf(0);
        vm.assertEq(c.marketHash, keccak256("market block"));
        vm.assertEq(c.membersHash, keccak256(abi.encode(_members)));
        vm.assertEq(c.totalWeight, total);
        vm.assertEq(c.marketBlock, 100);
        vm.assertEq(c.madeAt, block.timestamp);
        vm.assertEq(_ledger.checkpointCount(), 1);
    }

    function test_rule8_anchor__by_a_stranger__refused() public {
        bytes32 role = _ledger.KEEPER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector,
                address(this),
                role
            )
        );
        _ledger.anchor(200, HASH, _members);
    }

    function test_rule8_anchor__a_second_time__only_where_the_ledger_stood_still() public {
        _anchorRefused(0);
        _ledger.callProposer();
        uint256 called = block.timestamp;
        vm.warp(called + RECOVERY_S - 1);
        _anchorRefused(called);
        vm.warp(called + RECOVERY_S);
        vm.expectEmit(address(_ledger));
        emit IEnergyLedger.CheckpointMade(1, 200, HASH, _members, true, new bytes[](0));
        vm.prank(KEEPER);
        _ledger.anchor(200, HASH, _members);
        vm.assertEq(_ledger.calledAt(), 0);
    }

    function testFuzz_rule8_renew__any_signers__two_thirds_of_the_weight_are_needed(uint256 mask) public {
        mask = bound(mask, 0, _all());
        (uint256 weight, uint256 total) = _weightOf(mask);
        Member[] memory current = _members;
        Member[] memory next = _others();
        bytes[] memory signatures = _signatures(_ledger.hashCheckpoint(1, 101, HASH, next), mask);
        if (3 * weight < 2 * total) {
            vm.expectRevert(
                abi.encodeWithSelector(IEnergyLedger.EnergyLedger_QuorumNotReached.selector, weight, total)
            );
            _ledger.renew(101, HASH, next, current, signatures);
            return;
        }
        vm.expectEmit(address(_ledger));
        emit IEnergyLedger.CheckpointMade(1, 101, HASH, next, false, signatures);
        _ledger.renew(101, HASH, next, current, signatures);
        vm.assertEq(_ledger.checkpoint(1).membersHash, keccak256(abi.encode(next)));
    }

    function test_rule8_seal__under_the_checkpoint_before__refused() public {
        Proposal memory p = _proposal();
        JobSummary[] memory jobs = _jobs(0, 1, 1);
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(p, jobs), _all());
        Member[] memory current = _members;
        Member[] memory next = _others();
        _ledger.renew(
            101,
            HASH,
            next,
            current,
            _signatures(_ledger.hashCheckpoint(1, 101, HASH, next), _all())
        );
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_WrongCheckpoint.selector, 0, 1));
        _ledger.seal(p, jobs, current, signatures);
        _enroll(3, 9);
        _seal(jobs);
        vm.assertEq(_ledger.epoch(0).checkpoint, 1);
    }

    function test_renew__not_later__refused() public {
        bytes[] memory signatures = _signatures(_ledger.hashCheckpoint(1, 100, HASH, _members), _all());
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_OldMarketBlock.selector, 100, 100));
        _ledger.renew(100, HASH, _members, _members, signatures);
    }

    function test_renew__with_members_that_are_no_list__refused() public {
        Member[] memory none = new Member[](0);
        _renewRefused(
            none,
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_BadMemberCount.selector, 0, 64)
        );
        _renewRefused(
            new Member[](65),
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_BadMemberCount.selector, 65, 64)
        );
        Member[] memory same = _others();
        same[1].key = same[0].key;
        _renewRefused(
            same,
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NotAscending.selector, same[0].key, same[0].key)
        );
        same = _others();
        same[2].weight = 0;
        _renewRefused(
            same,
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_ZeroWeight.selector, same[2].key)
        );
    }

    function test_anchor__of_sixty_four__seals_with_them() public {
        EnergyLedger small = _ledger;
        _deploy(64);
        vm.assertTrue(address(small) != address(_ledger));
        _seal(_jobs(0, 1, 1));
        vm.assertEq(_ledger.count(), 1);
    }

    function test_ledger__before_its_first_checkpoint__does_nothing() public {
        EnergyLedger empty = new EnergyLedger(address(this), KEEPER, ARBITER, 1, 1, 1);
        Proposal memory p = _proposal();
        bytes memory why = abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NoCheckpoint.selector);
        vm.expectRevert(why);
        empty.seal(p, _jobs(0, 1, 1), _members, new bytes[](0));
        vm.expectRevert(why);
        empty.renew(101, HASH, _members, _members, new bytes[](0));
        vm.expectRevert(why);
        empty.callProposer();
        vm.expectRevert(why);
        empty.checkpoint(0);
    }

    function testFuzz_ledger__no_time_for_something__refused(uint8 which) public {
        uint64[3] memory times = [uint64(1), 1, 1];
        times[which % 3] = 0;
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_ZeroSeconds.selector));
        new EnergyLedger(address(this), KEEPER, ARBITER, times[0], times[1], times[2]);
    }

    /// @dev Three members whose keys ascend; their secrets are those of `_enroll(3, 9)`.
    function _others() private returns (Member[] memory made) {
        Member[] memory kept = _members;
        _enroll(3, 9);
        made = _members;
        _enroll(7, 0);
        vm.assertEq(keccak256(abi.encode(kept)), keccak256(abi.encode(_members)));
    }

    function _renewRefused(Member[] memory next, bytes memory why) private {
        bytes[] memory signatures = _signatures(_ledger.hashCheckpoint(1, 101, HASH, next), _all());
        vm.expectRevert(why);
        _ledger.renew(101, HASH, next, _members, signatures);
    }

    function _anchorRefused(uint256 called) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NotStuck.selector, called));
        vm.prank(KEEPER);
        _ledger.anchor(200, HASH, _members);
    }
}
