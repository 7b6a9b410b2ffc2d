// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {Accusation, IJobEscrow} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {INodeStaking, NodeState} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev contest, arbitrate, finalizeSlash: from being named to losing the deposit, or not.
contract AccusationTest is Market {
    using Lists for address[];

    bytes32 private _job;

    function setUp() public {
        deployMarket();
        _job = assignedJob("job", 100, 4);
    }

    /* ----------------------------------------------- contest ----------------------------------------------- */

    function testFuzz_rule5_contest__any_moment__only_inside_the_window(uint256 later) public {
        _name(1);
        uint256 readyAt = block.timestamp + CONTEST;
        vm.warp(block.timestamp + bound(later, 0, 3 * CONTEST));
        if (block.timestamp >= readyAt) {
            vm.expectRevert(
                abi.encodeWithSelector(IJobEscrow.JobEscrow_WindowClosed.selector, _job, uint64(readyAt))
            );
        } else {
            vm.expectEmit(address(escrow));
            emit IJobEscrow.SlashContested(_job, trainers[0], "my side");
        }
        vm.prank(trainers[0]);
        escrow.contest(_job, "my side");
    }

    function test_contest__in_the_last_second__and_not_later() public {
        _name(2);
        vm.warp(block.timestamp + CONTEST - 1);
        _contest(0);
        vm.assertTrue(escrow.accusation(_job, trainers[0]) == Accusation.Contested);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IJobEscrow.JobEscrow_WindowClosed.selector, _job, uint64(block.timestamp))
        );
        _contest(1);
    }

    function test_contest__by_somebody_not_named__refused() public {
        _name(1);
        vm.expectRevert(_notAccused(trainers[1], Accusation.None));
        _contest(1);
    }

    function test_contest__twice__refused() public {
        _name(1);
        _contest(0);
        vm.expectRevert(_notAccused(trainers[0], Accusation.Contested));
        _contest(0);
    }

    /* ---------------------------------------------- arbitrate ---------------------------------------------- */

    function test_rule5_arbitrate__innocent__goes_free_with_the_deposit() public {
        _name(1);
        _contest(0);
        vm.expectEmit(address(escrow));
        emit IJobEscrow.SlashArbitrated(_job, trainers[0], false);
        vm.expectEmit(address(staking));
        emit INodeStaking.NodeUnfrozen(trainers[0]);
        _arbitrate(0, false);
        vm.assertTrue(escrow.accusation(_job, trainers[0]) == Accusation.Acquitted);
        vm.assertEq(staking.node(trainers[0]).frozen, 0);
        vm.assertEq(staking.node(trainers[0]).deposit, MIN_DEPOSIT);
        vm.warp(block.timestamp + 100 days);
        _nothingToFinalize();
    }

    function test_rule4_arbitrate__guilty__pays_the_honest() public {
        _name(1);
        _contest(0);
        vm.expectEmit(address(escrow));
        emit IJobEscrow.SlashArbitrated(_job, trainers[0], true);
        _arbitrate(0, true);
        vm.assertTrue(escrow.accusation(_job, trainers[0]) == Accusation.Slashed);
        vm.assertTrue(staking.node(trainers[0]).state == NodeState.Banned);
        uint256 odd = MIN_DEPOSIT % 3;
        for (uint256 i = 1; i < 4; ++i) {
            vm.assertEq(staking.credit(trainers[i]), MIN_DEPOSIT / 3 + (i <= odd ? 1 : 0));
        }
    }

    function test_rule5_arbitrate__not_contested__refused() public {
        _name(1);
        vm.expectRevert(_notAccused(trainers[0], Accusation.Named));
        _arbitrate(0, true);
        vm.expectRevert(_notAccused(trainers[1], Accusation.None));
        _arbitrate(1, true);
    }

    function test_rule5_arbitrate__decided_already__refused() public {
        _name(2);
        _contest(0);
        _contest(1);
        _arbitrate(0, false);
        _arbitrate(1, true);
        vm.expectRevert(_notAccused(trainers[0], Accusation.Acquitted));
        _arbitrate(0, true);
        vm.expectRevert(_notAccused(trainers[1], Accusation.Slashed));
        _arbitrate(1, true);
    }

    function test_rule5_arbitrate__by_anybody_but_the_arbiter__refused() public {
        _name(1);
        _contest(0);
        address[5] memory others = [operator, admin, customer, trainers[0], trainers[1]];
        bytes32 role = escrow.ARBITER_ROLE();
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAccessControl.AccessControlUnauthorizedAccount.selector,
                    others[i],
                    role
                )
            );
            vm.prank(others[i]);
            escrow.arbitrate(_job, trainers[0], true);
        }
    }

    /* -------------------------------------------- finalizeSlash -------------------------------------------- */

    function test_rule5_finalizeSlash__inside_the_window__refused() public {
        _name(1);
        uint64 readyAt = uint64(block.timestamp) + CONTEST;
        for (uint256 i; i < CONTEST; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WindowOpen.selector, _job, readyAt));
            escrow.finalizeSlash(_job);
            vm.warp(block.timestamp + 1);
        }
        escrow.finalizeSlash(_job);
        vm.assertTrue(escrow.accusation(_job, trainers[0]) == Accusation.Slashed);
    }

    /// @dev Odd deposits, any culprits: the honest get all of it in equal parts, and nobody else anything.
    function testFuzz_rule4_finalizeSlash__any_deposits_and_culprits__split_among_the_honest(
        uint88 more,
        uint256 mask
    ) public {
        for (uint256 i; i < 4; ++i) {
            vm.deal(trainers[i], 1e30);
            vm.prank(trainers[i]);
            staking.topUp{value: uint256(more) / (i + 1) + 1}();
        }
        address[] memory culprits = trainers.masked(mask, true);
        address[] memory honest = trainers.masked(mask, false);
        fail(_job, culprits);
        vm.warp(block.timestamp + CONTEST);
        if (culprits.length == 0) return _nothingToFinalize();
        uint256[] memory due = new uint256[](honest.length);
        uint256 total;
        for (uint256 i; i < culprits.length; ++i) {
            uint256 deposit = staking.node(culprits[i]).deposit;
            total += deposit;
            for (uint256 k; k < honest.length; ++k) {
                due[k] += deposit / honest.length + (k < deposit % honest.length ? 1 : 0);
            }
        }
        escrow.finalizeSlash(_job);
        for (uint256 k; k < honest.length; ++k) {
            vm.assertEq(staking.credit(honest[k]), due[k]);
            vm.assertTrue(staking.node(honest[k]).state == NodeState.Active);
        }
        vm.assertEq(staking.credit(treasury), honest.length == 0 ? total : 0);
        vm.assertEq(staking.totalSlashedUnclaimed(), total);
        for (uint256 i; i < culprits.length; ++i) {
            vm.assertTrue(staking.node(culprits[i]).state == NodeState.Banned);
            vm.assertEq(staking.node(culprits[i]).deposit, 0);
            vm.assertEq(staking.credit(culprits[i]), 0);
            vm.assertEq(staking.providers().count(culprits[i]), 0);
        }
        vm.assertEq(staking.activeCount(), 8 - culprits.length);
        for (uint256 i; i < 4; ++i) vm.assertEq(staking.credit(validators[i]), 0);
    }

    function test_rule5_finalizeSlash__contested__waits_for_the_arbiter() public {
        _name(2);
        _contest(0);
        vm.warp(block.timestamp + CONTEST);
        escrow.finalizeSlash(_job);
        vm.assertTrue(escrow.accusation(_job, trainers[0]) == Accusation.Contested);
        vm.assertTrue(escrow.accusation(_job, trainers[1]) == Accusation.Slashed);
        vm.assertEq(staking.node(trainers[0]).deposit, MIN_DEPOSIT);
        vm.assertEq(staking.node(trainers[0]).frozen, 1);
        _nothingToFinalize();
        vm.warp(escrow.slashReadyAt(_job) + 30 days - 1);
        _nothingToFinalize();
        _arbitrate(0, true);
        vm.assertEq(staking.node(trainers[0]).deposit, 0);
    }

    function test_rule5_finalizeSlash__arbiter_silent_for_30_days__goes_free() public {
        _name(1);
        _contest(0);
        vm.warp(escrow.slashReadyAt(_job) + 30 days);
        vm.expectEmit(address(escrow));
        emit IJobEscrow.SlashLapsed(_job, trainers[0]);
        escrow.finalizeSlash(_job);
        vm.assertTrue(escrow.accusation(_job, trainers[0]) == Accusation.Acquitted);
        vm.assertTrue(staking.node(trainers[0]).state == NodeState.Active);
        vm.assertEq(staking.node(trainers[0]).deposit, MIN_DEPOSIT);
        vm.assertEq(staking.node(trainers[0]).frozen, 0);
        vm.expectRevert(_notAccused(trainers[0], Accusation.Acquitted));
        _arbitrate(0, true);
    }

    function test_finalizeSlash__twice__refused() public {
        _name(1);
        vm.warp(block.timestamp + CONTEST);
        escrow.finalizeSlash(_job);
        _nothingToFinalize();
        vm.assertEq(staking.totalSlashedUnclaimed(), MIN_DEPOSIT);
    }

    function test_finalizeSlash__nobody_named__refused() public {
        _nothingToFinalize();
        fail(_job, new address[](0));
        _nothingToFinalize();
    }

    /// @dev Two jobs name the same node: it pays once, and the second slash takes nothing from anybody.
    function test_rule4_finalizeSlash__named_in_two_jobs__pays_once() public {
        bytes32 other = assignedJob("other", 100, 2);
        _name(1);
        fail(other, Lists.list(trainers[0]));
        vm.assertEq(staking.node(trainers[0]).frozen, 2);
        vm.warp(block.timestamp + CONTEST);
        escrow.finalizeSlash(other);
        vm.assertEq(staking.credit(trainers[1]), MIN_DEPOSIT);
        escrow.finalizeSlash(_job);
        vm.assertEq(staking.totalSlashedUnclaimed(), MIN_DEPOSIT);
        vm.assertEq(staking.node(trainers[0]).frozen, 0);
        vm.assertEq(address(staking).balance, 8 * MIN_DEPOSIT);
    }

    function test_rule8_finalizeSlash__events__tell_who_got_what() public {
        _name(2);
        vm.warp(block.timestamp + CONTEST);
        address[] memory honest = Lists.list(trainers[2], trainers[3]);
        uint256[] memory shares = new uint256[](2);
        (shares[0], shares[1]) = (MIN_DEPOSIT / 2, MIN_DEPOSIT / 2);
        for (uint256 i; i < 2; ++i) {
            vm.expectEmit(address(staking));
            emit INodeStaking.NodeSlashed(trainers[i], MIN_DEPOSIT, honest, shares);
            vm.expectEmit(address(staking));
            emit INodeStaking.NodeBanned(trainers[i]);
            vm.expectEmit(address(escrow));
            emit IJobEscrow.SlashFinalized(_job, trainers[i], MIN_DEPOSIT, honest, shares);
        }
        escrow.finalizeSlash(_job);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    /// @dev The job fails and names the first `n` trainers.
    function _name(uint256 n) private {
        fail(_job, trainers.first(n));
    }

    function _contest(uint256 i) private {
        vm.prank(trainers[i]);
        escrow.contest(_job, "my side");
    }

    function _arbitrate(uint256 i, bool guilty) private {
        vm.prank(arbiter);
        escrow.arbitrate(_job, trainers[i], guilty);
    }

    function _nothingToFinalize() private {
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_NothingToFinalize.selector, _job));
        escrow.finalizeSlash(_job);
    }

    function _notAccused(address account, Accusation actual) private view returns (bytes memory) {
        return abi.encodeWithSelector(IJobEscrow.JobEscrow_NotAccused.selector, _job, account, actual);
    }
}
