// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Crew, IJobEscrow} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Log} from "../ForgeBase.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";
import {PayoutTree} from "../PayoutTree.sol";
import {Auditor} from "./Auditor.sol";

/// @dev Rule 8: a third party rebuilds jobs from their events alone: hashes, rounds, crew, amounts, scores, signatures.
contract AuditTest is Market, Auditor {
    using Lists for address[];
    using Lists for uint256[];
    using PayoutTree for PayoutTree.Tree;

    function setUp() public {
        vm.recordLogs();
        deployMarket();
        vm.roll(10);
        keepLogs();
        vm.roll(11);
    }

    /// forge-config: default.fuzz.runs = 40
    function testFuzz_rule8_settled_job__is_rebuilt_from_its_events(uint256 fee, uint256 seed) public {
        fee = bound(fee, 1, token.cap() / 2);
        _stir(seed);
        _recordedJob("before", fee / 2 + 1, 3, seed);
        settle(_idOf("before"), Lists.split(poolOf(fee / 2 + 1), 3, seed));
        keepLogs();
        bytes32 jobId = _recordedJob("job", fee, 4, seed);
        uint256[] memory amounts = Lists.split(poolOf(fee), 4, seed);
        settle(jobId, amounts);
        keepLogs();

        Assignment memory a = assignment(jobId);
        (, uint256 paid, uint256 due) = opened(jobId);
        vm.assertEq(paid, fee);
        Settled memory e = abi.decode(
            asStruct(eventOf(IJobEscrow.JobSettled.selector, jobId).data),
            (Settled)
        );
        vm.assertTrue(e.resultHash == RESULT && e.evidenceHash == EVIDENCE);
        vm.assertEq(e.payees, a.trainers);
        vm.assertEq(e.amounts, amounts);
        vm.assertEq(e.commission, due);
        vm.assertEq(e.amounts.sum() + e.commission, fee);
        vm.assertEq(keccak256(abi.encode(e.scores)), keccak256(abi.encode(scoresOf(4))));
        bytes32 content = keccak256(
            abi.encode(
                SETTLE_TYPE,
                jobId,
                e.resultHash,
                e.evidenceHash,
                _hash(e.payees),
                _hash(e.amounts),
                _hash(e.scores)
            )
        );
        requireQuorum(content, e.signatures, a, address(escrow));
    }

    /// forge-config: default.fuzz.runs = 40
    function testFuzz_rule8_failed_job__is_rebuilt_from_its_events(
        uint256 fee,
        uint256 mask,
        uint256 seed
    ) public {
        fee = bound(fee, 1, token.cap());
        _stir(seed);
        bytes32 jobId = _recordedJob("job", fee, 4, seed);
        fail(jobId, trainers.masked(mask, true));
        keepLogs();
        vm.warp(block.timestamp + CONTEST);
        if (mask & 15 != 0) escrow.finalizeSlash(jobId);
        keepLogs();

        Assignment memory a = assignment(jobId);
        Failed memory e = abi.decode(asStruct(eventOf(IJobEscrow.JobFailed.selector, jobId).data), (Failed));
        vm.assertEq(e.evidenceHash, EVIDENCE);
        vm.assertEq(e.culprits, a.trainers.masked(mask, true));
        vm.assertEq(e.honest, a.trainers.masked(mask, false));
        vm.assertEq(e.refund, fee);
        bytes32 content = keccak256(abi.encode(FAIL_TYPE, jobId, e.evidenceHash, _hash(e.culprits)));
        requireQuorum(content, e.signatures, a, address(escrow));
        _auditSlashes(jobId, e.culprits, e.honest);
    }

    /// forge-config: default.fuzz.runs = 40
    function testFuzz_rule8_job_settled_by_root__is_rebuilt_from_its_events(
        uint256 fee,
        uint256 seed
    ) public {
        fee = bound(fee, 1, token.cap());
        bytes32 jobId = _recordedJob("job", fee, 3, seed);
        uint256[] memory amounts = Lists.split(poolOf(fee), 3, seed);
        PayoutTree.Tree memory tree = PayoutTree.build(trainers.first(3), amounts);
        settleByRoot(jobId, tree.root());
        for (uint256 i; i < 3; ++i) {
            (bytes32[] memory siblings, uint256[] memory sums) = tree.proof(i);
            escrow.claim(jobId, i, trainers[i], amounts[i], siblings, sums);
        }
        escrow.release(jobId, trainersOf[jobId], crewOf[jobId]);
        keepLogs();

        Assignment memory a = assignment(jobId);
        (, , uint256 due) = opened(jobId);
        SettledByRoot memory e = abi.decode(
            asStruct(eventOf(IJobEscrow.JobSettledByRoot.selector, jobId).data),
            (SettledByRoot)
        );
        vm.assertEq(e.payees, 3);
        vm.assertEq(e.commission, due);
        bytes32 content = keccak256(
            abi.encode(PAYOUT_TYPE, jobId, e.resultHash, e.evidenceHash, e.payoutRoot, e.payees)
        );
        requireQuorum(content, e.signatures, a, address(escrow));
        vm.assertEq(_rootOfClaims(jobId), e.payoutRoot);
        eventOf(IJobEscrow.JobReleased.selector, jobId);
    }

    function test_rule8_job_that_waited__reseed_and_what_was_asked_for_are_events() public {
        bytes32 jobId = drawingJob("job", 100, 2);
        keepLogs();
        vm.roll(block.number + 300);
        escrow.reseed(jobId);
        keepLogs();
        _draw(jobId);
        Assignment memory a = assignment(jobId);
        vm.assertEq(a.validators.length, 3);
        (bytes32 specHash, bytes32 datasetHash, , , ) = abi.decode(
            eventOf(IJobEscrow.JobOpened.selector, jobId).data,
            (bytes32, bytes32, uint256, uint48, uint16)
        );
        vm.assertTrue(specHash == keccak256("spec") && datasetHash == keccak256("data"));
        passDeadline(jobId);
        escrow.reclaim(jobId);
        keepLogs();
        uint256 refund = abi.decode(eventOf(IJobEscrow.JobReclaimed.selector, jobId).data, (uint256));
        vm.assertEq(refund, 100);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    /// @dev Deposits, baselines and roles that differ, before anything is drawn.
    function _stir(uint256 seed) private {
        staking.grantRole(staking.RATER_ROLE(), admin);
        for (uint256 i; i < 4; ++i) {
            vm.prank(validators[i]);
            staking.topUp{value: 1 + ((seed >> (8 * i)) & 0xff) * 0.01 ether}();
            staking.setBaseline(validators[i], uint32((seed >> (8 * i)) % 10_001));
        }
        joinAs(3, 0);
        keepLogs();
        vm.roll(block.number + 1);
        vm.prank(validators[seed % 4]);
        staking.requestExit();
        keepLogs();
    }

    /// @dev A job with rounds, up to the point where a verdict is due.
    function _recordedJob(bytes32 ref, uint256 fee, uint256 n, uint256 seed) private returns (bytes32 jobId) {
        jobId = drawingJob(ref, fee, n);
        keepLogs();
        _draw(jobId);
        for (uint32 round; round < 3; ++round) {
            vm.prank(operator);
            escrow.recordRound(jobId, round, keccak256(abi.encode(seed, round)));
        }
        keepLogs();
        Log[] memory rounds = eventsOf(IJobEscrow.RoundRecorded.selector, jobId);
        vm.assertEq(rounds.length, 3);
        for (uint32 round; round < 3; ++round) {
            (uint32 number, bytes32 root) = abi.decode(rounds[round].data, (uint32, bytes32));
            vm.assertTrue(number == round && root == keccak256(abi.encode(seed, round)));
        }
    }

    function _draw(bytes32 jobId) private {
        vm.roll(escrow.job(jobId).seedBlock + 1);
        escrow.draw(jobId, trainersOf[jobId]);
        keepLogs();
        Assignment memory a = assignment(jobId);
        crewOf[jobId] = Crew(a.validators, a.keys);
    }

    function _auditSlashes(bytes32 jobId, address[] memory culprits, address[] memory honest) private view {
        Log[] memory slashes = eventsOf(IJobEscrow.SlashFinalized.selector, jobId);
        vm.assertEq(slashes.length, culprits.length);
        for (uint256 i; i < slashes.length; ++i) {
            (uint256 amount, address[] memory paid, uint256[] memory shares) = abi.decode(
                slashes[i].data,
                (uint256, address[], uint256[])
            );
            vm.assertEq(address(uint160(uint256(slashes[i].topics[2]))), culprits[i]);
            vm.assertEq(paid, honest.length == 0 ? Lists.list(treasury) : honest);
            vm.assertEq(amount, MIN_DEPOSIT);
            vm.assertEq(shares.sum(), amount);
        }
    }

    function _rootOfClaims(bytes32 jobId) private view returns (bytes32) {
        Log[] memory claims = eventsOf(IJobEscrow.PayoutClaimed.selector, jobId);
        address[] memory payees = new address[](claims.length);
        uint256[] memory amounts = new uint256[](claims.length);
        for (uint256 i; i < claims.length; ++i) {
            (uint256 index, uint256 amount) = abi.decode(claims[i].data, (uint256, uint256));
            (payees[index], amounts[index]) = (address(uint160(uint256(claims[i].topics[2]))), amount);
        }
        return PayoutTree.build(payees, amounts).root();
    }

    function _idOf(bytes32 ref) private view returns (bytes32) {
        return keccak256(abi.encode(customer, ref));
    }

    function _hash(address[] memory list) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(list));
    }

    function _hash(uint256[] memory list) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(list));
    }

    function _hash(bytes32[] memory list) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(list));
    }
}
