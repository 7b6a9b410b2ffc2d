// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Claim, Reading} from "../../../../contracts/interfaces/ICarbonCredit.sol";
import {JobSummary, Proposal} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {CreditBooks} from "./CreditBooks.sol";

/// @dev The ways to get a credit for nothing. Each plays a job of its own and leaves the books to be audited.
contract CreditAdversary is CreditBooks {
    uint256 internal constant KINDS = 15;
    bytes32 private constant REASON = keccak256("not what was read");
    uint256 private _next;

    constructor() {
        _deployCredit(2);
    }

    function play(uint256 kind, uint256 seed) public {
        kind %= KINDS;
        // Several jobs share an hour of the same nodes; some begin a new one.
        if (seed % 3 == 0) vm.warp(block.timestamp + 3_600);
        if (kind == 0) _issueTwice(seed);
        else if (kind == 1) _replayInAnotherEpoch(seed);
        else if (kind == 2) _alterOnTheWay(seed);
        else if (kind == 3) _sealTooCertain(seed);
        else if (kind == 4) _burnMore(seed);
        else if (kind == 5) _forgeSignatures(seed);
        else if (kind == 6) _claimAfterRetirement(seed);
        else if (kind == 7) _fixAfterTheStart(seed);
        else if (kind == 8) _claimFromChallenged(seed);
        else if (kind == 9) _workMoreRounds(seed);
        else if (kind == 10) _exhaustAnHour(seed);
        else if (kind == 11) _inventASummary(seed);
        else if (kind == 12) _leaveOutTheWasteful(seed);
        else if (kind == 13) _splitTheWork(seed);
        else _borrowABaseline(seed);
    }

    /* ------------------------------------------------ kinds ------------------------------------------------ */

    function _issueTwice(uint256 seed) private {
        Story memory story = _played(seed, NODE_ROUNDS);
        Claim[] memory all = story.claims;
        Claim[] memory twice = new Claim[](2);
        (twice[0], twice[1]) = (all[0], all[0]);
        story.claims = twice;
        _mustFail(story);
        story.claims = all;
        if (_issueWorth(story) == 0) return;
        for (uint256 i; i < all.length; ++i) {
            if (!_credit.isIssued(_serialOf(all[i].reading))) continue;
            story.claims = _only(all[i]);
            _mustFail(story);
        }
    }

    function _replayInAnotherEpoch(uint256 seed) private {
        Story memory story = _played(seed, NODE_ROUNDS);
        Story memory other = _played(seed >> 8, 1);
        uint256 own = story.epoch;
        story.epoch = other.epoch;
        _mustFail(story);
        story.epoch = own;
        _issueWorth(story);
        // Nor can the job be sealed a second time.
        try this.sealAgain(story.claims) {
            vm.assertTrue(false, "sealed twice");
        } catch {}
    }

    function sealAgain(Claim[] calldata claims) external {
        _sealClaims(claims);
    }

    function _alterOnTheWay(uint256 seed) private {
        Story memory story = _played(seed, NODE_ROUNDS);
        uint256 at = (seed >> 16) % story.claims.length;
        Claim memory c = story.claims[at];
        uint256 what = (seed >> 24) % 13;
        uint256 by = 1 + ((seed >> 32) % 1_000);
        if (what == 0) c.uncertaintyUg = _less(c.uncertaintyUg, by);
        if (what == 1) c.chainUg += by;
        if (what == 2) c.excessUg = c.excessUg == 0 ? by : c.excessUg - 1;
        if (what == 3) c.reading.millijoules = _less(c.reading.millijoules, by * 10);
        if (what == 4) c.reading.intensity = _less(c.reading.intensity, by);
        if (what == 5) c.reading.node = address(0xBAD);
        if (what == 6) c.reading.round += by;
        if (what == 7) c.reading.hour += by;
        if (what == 8) c.reading.zone = c.reading.zone == ES ? PL : ES;
        if (what == 9) c.reading.bandPpm = c.reading.bandPpm == 0 ? 1 : 0;
        if (what == 10) c.reading.kind = (c.reading.kind + 1) % 3;
        if (what == 11) c.started += by;
        if (what == 12) c.reading.siteMillijoules += by;
        story.claims = _only(c);
        _mustFail(story);
    }

    function _sealTooCertain(uint256 seed) private {
        Claim[] memory claims = _drawn(seed, NODE_ROUNDS);
        uint256 at = (seed >> 16) % claims.length;
        if (claims[at].uncertaintyUg == 0) return;
        claims[at].uncertaintyUg = _less(claims[at].uncertaintyUg, 1 + ((seed >> 24) % 500));
        Story memory story = _sealed(claims);
        story.claims = _only(claims[at]);
        _mustFail(story);
        story.claims = claims;
        _issueWorth(story);
    }

    function _burnMore(uint256 seed) private {
        Claim[] memory claims = _drawn(seed, NODE_ROUNDS);
        Reading[] memory readings = new Reading[](claims.length);
        for (uint256 i; i < claims.length; ++i) readings[i] = claims[i].reading;
        uint256 at = (seed >> 16) % claims.length;
        uint256[] memory before = new uint256[](claims.length);
        for (uint256 i; i < claims.length; ++i) before[i] = _amountOf(claims[i]);
        readings[at].millijoules += 1 + ((seed >> 24) % 400_000);
        claims = _honestClaims(readings);
        for (uint256 i; i < claims.length; ++i) vm.assertLe(_amountOf(claims[i]), before[i]);
        Story memory story = _sealed(claims);
        _issueWorth(story);
        if (_amountOf(claims[at]) > 0) return;
        story.claims = _only(claims[at]);
        _mustFail(story);
    }

    function _forgeSignatures(uint256 seed) private {
        Claim[] memory claims = _drawn(seed, NODE_ROUNDS);
        Story memory story;
        story.epoch = _ledger.count();
        (story.claims, story.summary) = (claims, _summaryOf(claims));
        try this.sealForged(claims, seed >> 16) {
            vm.assertTrue(false, "sealed with forged signatures");
        } catch {}
        vm.warp(block.timestamp + CHALLENGE_S);
        _mustFail(story);
    }

    function sealForged(Claim[] calldata claims, uint256 seed) external {
        Proposal memory p = _proposal();
        p.readingsRoot = _leafOf(claims[0].reading);
        p.claimsRoot = _leafOf(claims[0]);
        JobSummary[] memory jobs = new JobSummary[](1);
        jobs[0] = _summaryOf(claims);
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(p, jobs), _all());
        uint256 how = seed % 4;
        if (how == 0) signatures[seed % 2][(seed >> 8) % 65] ^= bytes1(uint8(1 + ((seed >> 16) % 255)));
        if (how == 1) signatures[1] = signatures[0];
        if (how == 2) signatures = new bytes[](0);
        if (how == 3) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(1 + (seed >> 8) / 2, _ledger.hashEpoch(p, jobs));
            signatures[seed % 2] = abi.encodePacked(r, s, v);
        }
        _ledger.seal(p, jobs, _members, signatures);
    }

    function _claimAfterRetirement(uint256 seed) private {
        Story memory story = _played(seed, NODE_ROUNDS);
        Claim[] memory all = story.claims;
        if (_issueWorth(story) == 0) return;
        _retireAll(all);
        for (uint256 i; i < all.length; ++i) {
            Reading memory r = all[i].reading;
            if (!_credit.isIssued(_serialOf(r))) continue;
            story.claims = _only(all[i]);
            _mustFail(story);
            try _credit.retire(_credit.idOf(r.hour, r.zone), 1, "again", "") {
                vm.assertTrue(false, "retired twice");
            } catch {}
        }
    }

    function _fixAfterTheStart(uint256 seed) private {
        Claim[] memory claims = _drawn(seed, NODE_ROUNDS);
        for (uint256 i; i < claims.length; ++i) claims[i].started -= 1 + ((seed >> 16) % 10_000);
        _mustFail(_sealed(claims));
    }

    function _claimFromChallenged(uint256 seed) private {
        Claim[] memory claims = _drawn(seed, NODE_ROUNDS);
        Story memory story = _sealClaims(claims);
        vm.prank(_members[(seed >> 16) % 2].key);
        _ledger.challenge(story.epoch, REASON, _members);
        vm.warp(block.timestamp + CHALLENGE_S + ((seed >> 24) % 1_000));
        _mustFail(story);
        bool stands = (seed >> 40) % 2 == 0;
        vm.prank(ARBITER);
        _ledger.arbitrate(story.epoch, stands);
        if (!stands) return _mustFail(story);
        _enter(story);
        _issueWorth(story);
    }

    function _workMoreRounds(uint256 seed) private {
        Story memory story = _played(seed, NODE_ROUNDS + 3);
        vm.assertLe(_issueWorth(story), NODE_ROUNDS);
    }

    function _exhaustAnHour(uint256 seed) private {
        for (uint256 i; i < 3; ++i) _issueWorth(_played(seed >> (8 * i), NODE_ROUNDS));
    }

    function _inventASummary(uint256 seed) private {
        Story memory story = _played(seed, NODE_ROUNDS);
        uint256 what = (seed >> 16) % 4;
        uint256 by = 1 + ((seed >> 24) % 1_000);
        if (what == 0) story.summary.micrograms += by;
        if (what == 1) story.summary.readings += by;
        if (what == 2) story.summary.job = _ref(_next + 1_000);
        if (what == 3) story.jobProof = new bytes32[](1);
        _mustFail(story);
    }

    function _leaveOutTheWasteful(uint256 seed) private {
        Claim[] memory claims = _drawn(seed, NODE_ROUNDS);
        for (uint256 i; i < claims.length; ++i) claims[i].excessUg = 0;
        _issueWorth(_sealed(claims));
    }

    function _splitTheWork(uint256 seed) private {
        Claim[] memory claims = _drawn(seed, 1);
        Claim[] memory halves = new Claim[](2);
        Reading memory half = abi.decode(abi.encode(claims[0].reading), (Reading));
        half.millijoules = half.millijoules / 2;
        claims[0].reading.millijoules -= half.millijoules;
        Reading[] memory both = new Reading[](2);
        (both[0], both[1]) = (claims[0].reading, half);
        halves = _honestClaims(both);
        Story memory story = _sealed(halves);
        _mustFail(story);
        vm.assertLe(_issueWorth(story), 1);
    }

    function _borrowABaseline(uint256 seed) private {
        Story memory story = _played(seed, NODE_ROUNDS);
        bytes32 job = _ref(++_next);
        Claim[] memory claims = _honestClaims(_readings(job, 2));
        Story memory bare = _sealClaims(claims);
        _becomeFinal();
        _mustFail(bare);
        bare.summary = story.summary;
        (bare.epoch, bare.jobProof) = (story.epoch, story.jobProof);
        _mustFail(bare);
    }

    /* ------------------------------------------------ a job ------------------------------------------------ */

    /// @dev A sealed job whose window is over.
    function _played(uint256 seed, uint256 most) private returns (Story memory) {
        return _sealed(_drawn(seed, most));
    }

    function _sealed(Claim[] memory claims) private returns (Story memory story) {
        story = _sealClaims(claims);
        _becomeFinal();
        _enter(story);
    }

    /// @dev Up to `most` claims of readings good and bad, with their baseline fixed now.
    function _drawn(uint256 seed, uint256 most) private returns (Claim[] memory) {
        bytes32 job = _ref(++_next);
        _fix(job);
        Reading[] memory readings = _readings(job, 1 + (seed % most));
        for (uint256 i; i < readings.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            readings[i].millijoules = dice % 90_000;
            readings[i].kind = (dice >> 32) % 3;
            readings[i].bandPpm = (dice >> 64) % 700_000;
            if ((dice >> 96) % 4 == 0) (readings[i].zone, readings[i].intensity) = (PL, 700_000);
        }
        return _honestClaims(readings);
    }

    function _less(uint256 value, uint256 by) private pure returns (uint256) {
        return
            value > by
                ? value - by
                : value == 0
                    ? by
                    : 0;
    }
}
