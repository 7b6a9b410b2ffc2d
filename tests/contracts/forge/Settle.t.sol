// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SettleVerdict, Status} from "../../../contracts/interfaces/IJobEscrow.sol";
import {IJobEscrow} from "../../../contracts/interfaces/IJobEscrow.sol";
import {Market} from "./Market.sol";

/// @dev Rule 3 for any fee, any commission and any split.
contract SettleTest is Market {
    function setUp() public {
        deployMarket();
    }

    function testFuzz_settle_pays_every_wei_of_any_fee(uint256 fee, uint16 bps, uint256 a, uint256 b) public {
        fee = bound(fee, 1, token.cap());
        escrow.setCommission(uint16(bound(bps, 0, escrow.MAX_COMMISSION_BPS())));
        bytes32 jobId = _assigned(fee);
        uint256 pool = fee - (fee * escrow.commissionBps()) / 10_000;
        uint256[] memory amounts = _split(pool, a, b);

        SettleVerdict memory verdict = settleVerdict(jobId, _three(), amounts);
        escrow.settle(jobId, verdict, quorumSigns(jobId, escrow.hashSettle(verdict)));

        vm.assertTrue(escrow.job(jobId).status == Status.Settled);
        for (uint256 i; i < 3; ++i) vm.assertEq(escrow.credit(trainers[i]), amounts[i]);
        vm.assertEq(escrow.credit(treasury), fee - pool);
        vm.assertEq(escrow.totalCredits(), fee);
        vm.assertEq(token.balanceOf(address(escrow)), fee);
        vm.assertLe(escrow.credit(treasury), fee / 20);
    }

    function testFuzz_settle_refuses_any_other_sum(uint256 fee, uint256 a, uint256 b, uint256 off) public {
        fee = bound(fee, 1, token.cap());
        bytes32 jobId = _assigned(fee);
        uint256 pool = fee - (fee * escrow.commissionBps()) / 10_000;
        uint256[] memory amounts = _split(pool, a, b);
        off = bound(off, 0, 2 * fee);
        vm.assume(off != amounts[0]);
        uint256 sum = pool - amounts[0] + off;
        amounts[0] = off;

        SettleVerdict memory verdict = settleVerdict(jobId, _three(), amounts);
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashSettle(verdict));
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongSum.selector, sum, pool));
        escrow.settle(jobId, verdict, signatures);
    }

    function testFuzz_settle_needs_the_keys_of_the_drawn_validators(uint256 stranger) public {
        bytes32 jobId = _assigned(1 ether);
        stranger = bound(stranger, 1, type(uint128).max);
        SettleVerdict memory verdict = settleVerdict(jobId, _three(), _split(0.98 ether, 1, 2));
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashSettle(verdict));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(stranger, escrow.hashSettle(verdict));
        signatures[1] = abi.encodePacked(r, s, v);
        vm.expectRevert(abi.encodeWithSignature("Verdicts_UnknownSigner(address)", vm.addr(stranger)));
        escrow.settle(jobId, verdict, signatures);
    }

    function _assigned(uint256 fee) private returns (bytes32 jobId) {
        jobId = openJob("job", fee, 600);
        assignJob(jobId, _three());
    }

    function _three() private view returns (address[] memory chosen) {
        chosen = new address[](3);
        for (uint256 i; i < 3; ++i) chosen[i] = trainers[i];
    }

    function _split(uint256 pool, uint256 a, uint256 b) private pure returns (uint256[] memory amounts) {
        amounts = new uint256[](3);
        amounts[0] = bound(a, 0, pool);
        amounts[1] = bound(b, 0, pool - amounts[0]);
        amounts[2] = pool - amounts[0] - amounts[1];
    }
}
