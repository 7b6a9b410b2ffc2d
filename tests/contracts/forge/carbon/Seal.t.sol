// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    IEnergyLedger,
    JobSummary,
    LedgerEpoch,
    Proposal
} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {LedgerWorld} from "./LedgerWorld.sol";

/// @dev seal: an append-only chain of epochs under two thirds of the weight, which the events alone tell (rule 8).
contract SealTest is LedgerWorld {
    function setUp() public {
        _deploy(7);
    }

    function testFuzz_rule8_seal__any_jobs__a_chain_of_hashes_and_sums(
        uint8[4] memory counts,
        uint32[4] memory readings
    ) public {
        bytes32 head;
        for (uint256 i; i < 4; ++i) {
            uint256 n = bound(counts[i], 1, 9);
            uint256 each = bound(readings[i], 1, 1e6);
            JobSummary[] memory jobs = _jobs(i * 100, n, each);
            Proposal memory p = _proposal();
            address first = _race(1)[0];
            vm.assertEq(_seal(jobs), i);
            LedgerEpoch memory e = _ledger.epoch(i);
            vm.assertEq(e.prevHash, head);
            vm.assertEq(e.readingsRoot, p.readingsRoot);
            vm.assertEq(e.claimsRoot, p.claimsRoot);
            vm.assertEq(e.ratingRoot, p.ratingRoot);
            vm.assertEq(e.jobsRoot, _slowRoot(jobs));
            vm.assertEq(e.readings, n * each);
            vm.assertEq(e.millijoules, n * each * 3_600);
            vm.assertEq(e.micrograms, n * each * 400);
            vm.assertEq(e.proposer, first);
            vm.assertEq(e.sealedAt, block.timestamp);
            head = keccak256(abi.encode(e));
            vm.assertEq(_ledger.headHash(), head);
            for (uint256 k; k < n; ++k) vm.assertEq(_ledger.epochOf(jobs[k].job), i);
        }
        vm.assertEq(_ledger.count(), 4);
    }

    function test_rule8_seal__event__tells_the_epoch_its_jobs_and_its_signatures() public {
        Proposal memory p = _proposal();
        JobSummary[] memory jobs = _jobs(0, 2, 64);
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(p, jobs), _all());
        uint256 before = vm.snapshotState();
        _ledger.seal(p, jobs, _members, signatures);
        LedgerEpoch memory e = _ledger.epoch(0);
        vm.assertTrue(vm.revertToState(before));
        for (uint256 i; i < 2; ++i) {
            vm.expectEmit(address(_ledger));
            emit IEnergyLedger.JobSealed(jobs[i].job, 0);
        }
        vm.expectEmit(address(_ledger));
        emit IEnergyLedger.EpochSealed(0, keccak256(abi.encode(e)), e, jobs, signatures);
        _ledger.seal(p, jobs, _members, signatures);
    }

    function testFuzz_rule8_seal__any_signers__two_thirds_of_the_weight_and_the_proposer_are_needed(
        uint256 mask
    ) public {
        mask = bound(mask, 0, _all());
        (uint256 weight, uint256 total) = _weightOf(mask);
        address drawn = _race(1)[0];
        Proposal memory p = _proposal();
        JobSummary[] memory jobs = _jobs(0, 1, 1);
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(p, jobs), mask);
        if (3 * weight < 2 * total) {
            vm.expectRevert(
                abi.encodeWithSelector(IEnergyLedger.EnergyLedger_QuorumNotReached.selector, weight, total)
            );
        } else if (mask & _maskOf(drawn) == 0) {
            vm.expectRevert(
                abi.encodeWithSelector(IEnergyLedger.EnergyLedger_ProposerSilent.selector, drawn)
            );
        }
        _ledger.seal(p, jobs, _members, signatures);
    }

    function testFuzz_seal__called_for__one_more_may_propose_in_each_turn(uint256 waited) public {
        waited = bound(waited, 0, PROPOSER_S * 12);
        address[] memory order = _race(7);
        _ledger.callProposer();
        vm.assertEq(_ledger.calledAt(), block.timestamp);
        vm.warp(block.timestamp + waited);
        uint256 turn = waited / PROPOSER_S;
        if (turn > 6) turn = 6;
        // The weights are such that any five of seven are a quorum: the first two stay silent.
        uint256 mask = _all() & ~_maskOf(order[0]) & ~_maskOf(order[1]);
        Proposal memory p = _proposal();
        JobSummary[] memory jobs = _jobs(0, 1, 1);
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(p, jobs), mask);
        (uint256 weight, uint256 total) = _weightOf(mask);
        vm.assertGe(3 * weight, 2 * total);
        if (turn < 2) {
            vm.expectRevert(
                abi.encodeWithSelector(IEnergyLedger.EnergyLedger_ProposerSilent.selector, order[0])
            );
            _ledger.seal(p, jobs, _members, signatures);
            return;
        }
        _ledger.seal(p, jobs, _members, signatures);
        vm.assertEq(_ledger.epoch(0).proposer, order[2]);
        vm.assertEq(_ledger.calledAt(), 0);
    }

    function testFuzz_race__any_count__as_its_description_says(uint256 count) public view {
        count = bound(count, 1, 9);
        vm.assertEq(_ledger.race(_members, count), _race(count));
    }

    function test_callProposer__twice__refused() public {
        _ledger.callProposer();
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_AlreadyCalled.selector, block.timestamp)
        );
        _ledger.callProposer();
    }

    function test_rule8_seal__same_job_twice__refused() public {
        _seal(_jobs(5, 1, 1));
        _seal(_jobs(0, 1, 1));
        _refused(
            _proposal(),
            _jobs(0, 2, 1),
            abi.encodeWithSelector(
                IEnergyLedger.EnergyLedger_AlreadySealed.selector,
                keccak256(abi.encode("job", 0)),
                1
            )
        );
        JobSummary[] memory twice = _jobs(8, 2, 1);
        twice[1].job = twice[0].job;
        _refused(
            _proposal(),
            twice,
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_AlreadySealed.selector, twice[0].job, 2)
        );
    }

    function test_seal__what_is_no_next_epoch__refused() public {
        _seal(_jobs(0, 1, 1));
        JobSummary[] memory jobs = _jobs(1, 1, 1);
        Proposal memory p = _proposal();
        p.index = 0;
        _refused(p, jobs, abi.encodeWithSelector(IEnergyLedger.EnergyLedger_WrongIndex.selector, 0, 1));
        p = _proposal();
        p.prevHash = bytes32(0);
        bytes32 head = _ledger.headHash();
        _refused(
            p,
            jobs,
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_WrongPrevHash.selector, bytes32(0), head)
        );
        p = _proposal();
        p.checkpoint = 1;
        _refused(p, jobs, abi.encodeWithSelector(IEnergyLedger.EnergyLedger_WrongCheckpoint.selector, 1, 0));
        p = _proposal();
        p.readingsRoot = 0;
        _refused(p, jobs, abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NoReadings.selector));
        _refused(
            _proposal(),
            new JobSummary[](0),
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NoReadings.selector)
        );
        jobs[0].readings = 0;
        _refused(_proposal(), jobs, abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NoReadings.selector));
        jobs = _jobs(1, 1, 1);
        jobs[0].job = 0;
        _refused(
            _proposal(),
            jobs,
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_EmptyReference.selector)
        );
    }

    function test_seal__signed_for_something_else__refused() public {
        Proposal memory p = _proposal();
        JobSummary[] memory jobs = _jobs(0, 3, 7);
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(p, jobs), _all());
        jobs[1].millijoules += 1;
        vm.expectRevert();
        _ledger.seal(p, jobs, _members, signatures);
        jobs[1].millijoules -= 1;
        bytes32 kept = p.claimsRoot;
        p.claimsRoot = 0;
        vm.expectRevert();
        _ledger.seal(p, jobs, _members, signatures);
        p.claimsRoot = kept;
        _ledger.seal(p, jobs, _members, signatures);
    }

    function test_rule8_seal__signers_out_of_order_twice_or_malformed__refused() public {
        Proposal memory p = _proposal();
        JobSummary[] memory jobs = _jobs(0, 1, 1);
        bytes[] memory good = _signatures(_ledger.hashEpoch(p, jobs), _all());
        bytes[] memory bad = _signatures(_ledger.hashEpoch(p, jobs), _all());
        bad[6] = good[5];
        _unknown(p, jobs, bad, _members[5].key);
        (bad[5], bad[6]) = (good[6], good[5]);
        _unknown(p, jobs, bad, _members[5].key);
        (bad[5], bad[6]) = (good[5], hex"00");
        _unknown(p, jobs, bad, address(0));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(0xBAD, _ledger.hashEpoch(p, jobs));
        bad[6] = abi.encodePacked(r, s, v);
        _unknown(p, jobs, bad, vm.addr(0xBAD));
    }

    function test_seal__members_of_ones_own__refused() public {
        Proposal memory p = _proposal();
        JobSummary[] memory jobs = _jobs(0, 1, 1);
        bytes32 digest = _ledger.hashEpoch(p, jobs);
        _enroll(7, 1);
        bytes[] memory signatures = _signatures(digest, _all());
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_WrongMembers.selector, 0));
        _ledger.seal(p, jobs, _members, signatures);
    }

    function test_epochOf__never_sealed__refused() public {
        vm.assertFalse(_ledger.isSealed("job"));
        vm.expectRevert(
            abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NotSealed.selector, bytes32("job"))
        );
        _ledger.epochOf("job");
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_NoEpoch.selector, 0));
        _ledger.epoch(0);
    }

    function _refused(Proposal memory p, JobSummary[] memory jobs, bytes memory why) private {
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(p, jobs), _all());
        vm.expectRevert(why);
        _ledger.seal(p, jobs, _members, signatures);
    }

    function _unknown(
        Proposal memory p,
        JobSummary[] memory jobs,
        bytes[] memory signatures,
        address signer
    ) private {
        vm.expectRevert(abi.encodeWithSelector(IEnergyLedger.EnergyLedger_UnknownSigner.selector, signer));
        _ledger.seal(p, jobs, _members, signatures);
    }

    /// @dev Pairs in ascending order, an odd one out promoted: a new list for each level.
    function _slowRoot(JobSummary[] memory jobs) private pure returns (bytes32) {
        bytes32[] memory level = new bytes32[](jobs.length);
        for (uint256 i; i < jobs.length; ++i) {
            level[i] = keccak256(abi.encodePacked(keccak256(abi.encode(jobs[i]))));
        }
        while (level.length > 1) {
            bytes32[] memory next = new bytes32[]((level.length + 1) / 2);
            for (uint256 i; i < next.length; ++i) {
                if (2 * i + 1 == level.length) next[i] = level[2 * i];
                else if (level[2 * i] < level[2 * i + 1]) {
                    next[i] = keccak256(abi.encode(level[2 * i], level[2 * i + 1]));
                } else next[i] = keccak256(abi.encode(level[2 * i + 1], level[2 * i]));
            }
            level = next;
        }
        return level[0];
    }
}
