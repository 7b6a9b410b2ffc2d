// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CarbonCredit} from "../../../../contracts/carbon/CarbonCredit.sol";
import {Baseline, Claim, Reading} from "../../../../contracts/interfaces/ICarbonCredit.sol";
import {JobSummary, Proposal} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {LeafTree} from "./LeafTree.sol";
import {LedgerWorld} from "./LedgerWorld.sol";

/// @dev Jobs whose readings and claims are sealed in a real ledger, with the rule of claims written again from its description.
abstract contract CreditWorld is LedgerWorld {
    /// @dev One job as it was sealed.
    struct Story {
        uint256 epoch;
        JobSummary summary;
        bytes32[] jobProof;
        Claim[] claims;
    }

    address internal constant OPERATOR = address(0x09E7A702);
    bytes32 internal constant DECISION = keccak256("decision");
    bytes32 internal constant ES = "ES";
    bytes32 internal constant PL = "PL";
    uint80 internal constant BASELINE_MJ = 50_000;
    uint80 internal constant BASELINE_UG = 5_000;
    uint32 internal constant NODE_ROUNDS = 4;
    uint96 internal constant HOUR_MJ = 8 * uint96(BASELINE_MJ);

    CarbonCredit internal _credit;
    /// @dev Of the last job: baseline less emissions of all its readings; never below zero.
    uint256 internal _avoidedUg;

    function _deployCredit(uint256 members) internal {
        _deploy(members);
        _credit = new CarbonCredit(_ledger, address(this), OPERATOR);
    }

    function _ref(uint256 n) internal pure returns (bytes32) {
        return keccak256(abi.encode("credited job", n));
    }

    function _node(uint256 n) internal pure returns (address) {
        return address(uint160(0x40DE00 + n));
    }

    function _baseline() internal pure returns (Baseline memory) {
        return Baseline(BASELINE_MJ, BASELINE_UG, 0, NODE_ROUNDS, HOUR_MJ, DECISION);
    }

    function _fix(bytes32 job) internal {
        vm.prank(OPERATOR);
        _credit.fixBaseline(job, _baseline());
    }

    /// @dev Of a clean grid: 1.5 mg at most where the baseline is 5.
    function _reading(bytes32 job, uint256 round, uint256 node) internal view returns (Reading memory) {
        return
            Reading({
                job: job,
                round: round,
                node: _node(node),
                hour: block.timestamp / 3_600,
                millijoules: 30_000 + round,
                siteMillijoules: 0,
                kind: 1,
                bandPpm: 100_000,
                zone: ES,
                intensity: 120_000
            });
    }

    /// @dev `count` readings: rounds from 1, two nodes a round.
    function _readings(bytes32 job, uint256 count) internal view returns (Reading[] memory made) {
        made = new Reading[](count);
        for (uint256 i; i < count; ++i) made[i] = _reading(job, 1 + i / 2, i % 2);
    }

    function _actualUg(Reading memory r) internal pure returns (uint256) {
        return (r.millijoules * r.intensity + 3_599_999) / 3_600_000;
    }

    function _leastUg(Reading memory r) internal pure returns (uint256) {
        uint256 least =
            r.kind == 0
                ? 50_000
                : r.kind == 1
                    ? 400_000
                    : 1_000_000;
        return (_actualUg(r) * (r.bandPpm > least ? r.bandPpm : least) + 999_999) / 1_000_000;
    }

    /// @dev Claims that follow the rule, with nothing for the chains; what one reading took too much the others pay.
    function _honestClaims(Reading[] memory readings) internal view returns (Claim[] memory made) {
        made = new Claim[](readings.length);
        uint256 saved;
        uint256 excess;
        for (uint256 i; i < readings.length; ++i) {
            made[i].reading = readings[i];
            made[i].started = block.timestamp;
            made[i].uncertaintyUg = _leastUg(readings[i]);
            uint256 taken = _actualUg(readings[i]) + made[i].uncertaintyUg;
            if (taken < BASELINE_UG) saved += BASELINE_UG - taken;
            else excess += taken - BASELINE_UG;
        }
        if (excess > saved) excess = saved;
        for (uint256 i; i < readings.length; ++i) {
            uint256 taken = _actualUg(readings[i]) + made[i].uncertaintyUg;
            if (taken >= BASELINE_UG) continue;
            made[i].excessUg = (excess * (BASELINE_UG - taken) + saved - 1) / saved;
        }
    }

    /// @dev Seals a job with these claims as they are, signed by everybody.
    function _sealClaims(Claim[] memory claims) internal returns (Story memory story) {
        return _sealClaimsAs(claims, _all());
    }

    function _sealClaimsAs(Claim[] memory claims, uint256 mask) internal returns (Story memory story) {
        story.claims = claims;
        story.summary = _summaryOf(claims);
        bytes32[] memory readingLeaves = new bytes32[](claims.length);
        bytes32[] memory claimLeaves = new bytes32[](claims.length);
        for (uint256 i; i < claims.length; ++i) {
            readingLeaves[i] = _leafOf(claims[i].reading);
            claimLeaves[i] = _leafOf(claims[i]);
        }
        for (uint256 i; i < claims.length; ++i) {
            claims[i].readingProof = LeafTree.proof(readingLeaves, i);
            claims[i].claimProof = LeafTree.proof(claimLeaves, i);
        }
        Proposal memory p = _proposal();
        (p.readingsRoot, p.claimsRoot) = (LeafTree.root(readingLeaves), LeafTree.root(claimLeaves));
        JobSummary[] memory jobs = new JobSummary[](1);
        jobs[0] = story.summary;
        story.jobProof = new bytes32[](0);
        story.epoch = _sealAs(p, jobs, mask);
    }

    function _summaryOf(Claim[] memory claims) internal returns (JobSummary memory s) {
        s.job = claims[0].reading.job;
        s.readings = claims.length;
        for (uint256 i; i < claims.length; ++i) {
            s.millijoules += claims[i].reading.millijoules;
            s.micrograms += _actualUg(claims[i].reading);
        }
        uint256 baselineUg = claims.length * BASELINE_UG;
        _avoidedUg = baselineUg > s.micrograms ? baselineUg - s.micrograms : 0;
    }

    function _leafOf(Reading memory r) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(r))));
    }

    function _leafOf(Claim memory c) internal pure returns (bytes32) {
        Reading memory r = c.reading;
        bytes32 baseline = keccak256(
            abi.encode(r.job, BASELINE_MJ, BASELINE_UG, HOUR_MJ, NODE_ROUNDS, DECISION)
        );
        bytes memory said = bytes.concat(
            abi.encode(r.job, r.round, r.node, r.hour, r.zone, uint256(1), c.started),
            abi.encode(BASELINE_UG, _actualUg(r), c.uncertaintyUg, c.chainUg, c.excessUg),
            abi.encode(baseline, _leafOf(r))
        );
        return keccak256(bytes.concat(keccak256(said)));
    }

    function _amountOf(Claim memory c) internal pure returns (uint256) {
        uint256 taken = _actualUg(c.reading) + c.uncertaintyUg + c.chainUg + c.excessUg;
        return taken < BASELINE_UG ? BASELINE_UG - taken : 0;
    }

    /// @dev A job with `count` honest claims, whose window is over.
    function _honestJob(uint256 n, uint256 count) internal returns (Story memory story) {
        _fix(_ref(n));
        story = _sealClaims(_honestClaims(_readings(_ref(n), count)));
        _becomeFinal();
    }

    function _becomeFinal() internal {
        vm.warp(block.timestamp + CHALLENGE_S);
    }

    function _issue(Story memory story) internal {
        _credit.issue(story.epoch, story.summary, story.jobProof, story.claims);
    }

    function _only(Claim memory one) internal pure returns (Claim[] memory made) {
        made = new Claim[](1);
        made[0] = one;
    }

    function _serialOf(Reading memory r) internal pure returns (bytes32) {
        return keccak256(abi.encode(r.job, r.round, r.node));
    }

    function _refuses(bytes memory why) internal {
        vm.expectRevert(why);
    }
}
