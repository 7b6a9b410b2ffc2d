// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IJobEscrow, Job, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Market} from "../Market.sol";

/// @dev openJob, openJobWithPermit.
contract OpenTest is Market {
    struct Permit {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    function setUp() public {
        deployMarket();
    }

    function testFuzz_openJob__any_fee_and_deadline__held_and_recorded(uint256 fee, uint64 duration) public {
        fee = bound(fee, 1, token.cap());
        uint64 deadline = uint64(block.timestamp + bound(duration, 30, 30 days));
        fund(customer, fee);
        bytes32 jobId = keccak256(abi.encode(customer, bytes32("ref")));
        vm.expectEmit(address(escrow));
        emit IJobEscrow.JobOpened(jobId, customer, "ref", "spec", "data", fee, uint48(deadline), COMMISSION);
        vm.prank(customer);
        escrow.openJob("ref", "spec", "data", fee, deadline);

        Job memory j = escrow.job(jobId);
        vm.assertEq(jobId, escrow.jobIdOf(customer, "ref"));
        vm.assertEq(j.customer, customer);
        vm.assertEq(j.fee, fee);
        vm.assertEq(j.deadline, deadline);
        vm.assertEq(j.openedBlock, block.number);
        vm.assertEq(j.commissionBps, COMMISSION);
        vm.assertTrue(j.nextRound == 0 && j.seedBlock == 0 && j.commitment == 0 && !j.released);
        requireStatus(jobId, Status.Open);
        vm.assertEq(escrow.openFees(), fee);
        vm.assertEq(token.balanceOf(address(escrow)), fee);
        vm.assertEq(token.balanceOf(customer), 0);
    }

    function testFuzz_openJob__duration_out_of_bounds__refused(uint64 duration) public {
        duration = uint64(bound(duration, 0, 60 days));
        if (duration >= 30 && duration <= 30 days) duration += 30 days;
        fund(customer, 1);
        uint64 deadline = uint64(block.timestamp) + duration;
        uint256 earliest = block.timestamp + 30;
        uint256 latest = block.timestamp + 30 days;
        _expect(
            abi.encodeWithSelector(IJobEscrow.JobEscrow_BadDeadline.selector, deadline, earliest, latest)
        );
        vm.prank(customer);
        escrow.openJob("ref", 0, 0, 1, deadline);
    }

    function test_openJob__shortest_and_longest__taken() public {
        openJob("short", 1, 30);
        openJob("long", 1, 30 days);
    }

    function test_openJob__no_fee__refused() public {
        _expect(abi.encodeWithSelector(IJobEscrow.JobEscrow_ZeroFee.selector));
        vm.prank(customer);
        escrow.openJob("ref", 0, 0, 0, uint64(block.timestamp + 600));
    }

    function test_openJob__fee_beyond_all_tokens__refused() public {
        uint256 fee = 1 << 128;
        _expect(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, fee));
        vm.prank(customer);
        escrow.openJob("ref", 0, 0, fee, uint64(block.timestamp + 600));
    }

    function test_openJob__not_allowed_to_take_the_fee__refused() public {
        token.mint(customer, 5);
        _expect(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, 5)
        );
        vm.prank(customer);
        escrow.openJob("ref", 0, 0, 5, uint64(block.timestamp + 600));
    }

    function test_rule2_openJob__same_reference__never_twice() public {
        bytes32 jobId = openJob("ref", 5, 600);
        fund(customer, 5);
        bytes memory refusal = abi.encodeWithSelector(IJobEscrow.JobEscrow_AlreadyOpened.selector, jobId);
        _expect(refusal);
        vm.prank(customer);
        escrow.openJob("ref", 0, 0, 5, uint64(block.timestamp + 600));

        vm.prank(customer);
        escrow.cancel(jobId);
        _expect(refusal);
        vm.prank(customer);
        escrow.openJob("ref", 0, 0, 5, uint64(block.timestamp + 600));
    }

    function test_openJob__same_reference_of_another_customer__another_job() public {
        bytes32 jobId = openJob("ref", 5, 600);
        fund(stranger, 7);
        vm.prank(stranger);
        escrow.openJob("ref", 0, 0, 7, uint64(block.timestamp + 600));
        vm.assertEq(escrow.job(jobId).fee, 5);
        vm.assertEq(escrow.job(escrow.jobIdOf(stranger, "ref")).fee, 7);
        vm.assertEq(escrow.openFees(), 12);
    }

    function test_openJob__paused__refused() public {
        escrow.pause();
        fund(customer, 5);
        _expect(abi.encodeWithSignature("EnforcedPause()"));
        vm.prank(customer);
        escrow.openJob("ref", 0, 0, 5, uint64(block.timestamp + 600));
    }

    function test_openJobWithPermit__signed__paid_without_an_approval() public {
        token.mint(customer, 5);
        Permit memory p = _permit(5);
        vm.prank(customer);
        escrow.openJobWithPermit("ref", "spec", "data", 5, _soon(), block.timestamp, p.v, p.r, p.s);
        vm.assertEq(escrow.job(escrow.jobIdOf(customer, "ref")).fee, 5);
        vm.assertEq(token.allowance(customer, address(escrow)), 0);
    }

    function test_openJobWithPermit__permit_used_by_somebody_first__still_paid() public {
        token.mint(customer, 5);
        Permit memory p = _permit(5);
        vm.prank(stranger);
        token.permit(customer, address(escrow), 5, block.timestamp, p.v, p.r, p.s);
        vm.prank(customer);
        escrow.openJobWithPermit("ref", "spec", "data", 5, _soon(), block.timestamp, p.v, p.r, p.s);
        vm.assertEq(escrow.openFees(), 5);
    }

    function test_openJobWithPermit__permit_of_somebody_else__takes_nothing() public {
        token.mint(customer, 5);
        Permit memory p = _permit(5);
        _expect(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, 5)
        );
        vm.prank(stranger);
        escrow.openJobWithPermit("ref", "spec", "data", 5, _soon(), block.timestamp, p.v, p.r, p.s);
        vm.assertEq(token.balanceOf(customer), 5);
    }

    function test_openJobWithPermit__paused__refused() public {
        escrow.pause();
        token.mint(customer, 5);
        Permit memory p = _permit(5);
        _expect(abi.encodeWithSignature("EnforcedPause()"));
        vm.prank(customer);
        escrow.openJobWithPermit("ref", "spec", "data", 5, _soon(), block.timestamp, p.v, p.r, p.s);
    }

    function _permit(uint256 value) private view returns (Permit memory p) {
        bytes32 kind = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 content = keccak256(
            abi.encode(kind, customer, address(escrow), value, token.nonces(customer), block.timestamp)
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), content));
        (p.v, p.r, p.s) = vm.sign(CUSTOMER_KEY, digest);
    }

    function _soon() private view returns (uint64) {
        return uint64(block.timestamp + 600);
    }

    function _expect(bytes memory refusal) private {
        vm.expectRevert(refusal);
    }
}
