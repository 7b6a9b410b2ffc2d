// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {Baseline, Claim, ICarbonCredit, Reading} from "../../../../contracts/interfaces/ICarbonCredit.sol";
import {CreditWorld} from "./CreditWorld.sol";

/// @dev fixBaseline and issue: no credit without a baseline before the run, a sealed reading and something avoided (rule 9).
contract CreditIssueTest is CreditWorld {
    function setUp() public {
        _deployCredit(3);
    }

    /* ---------------------------------------------- baselines ---------------------------------------------- */

    function test_rule9_fixBaseline__once__recorded_with_its_time_and_told() public {
        bytes32 hash = keccak256(
            abi.encode(_ref(1), BASELINE_MJ, BASELINE_UG, HOUR_MJ, NODE_ROUNDS, DECISION)
        );
        vm.expectEmit(address(_credit));
        emit ICarbonCredit.BaselineFixed(
            _ref(1),
            hash,
            BASELINE_MJ,
            BASELINE_UG,
            HOUR_MJ,
            NODE_ROUNDS,
            DECISION,
            block.timestamp
        );
        _fix(_ref(1));
        vm.assertEq(_credit.baselineHash(_ref(1)), hash);
        vm.assertEq(_credit.baselineOf(_ref(1)).fixedAt, block.timestamp);
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_AlreadyFixed.selector, _ref(1)));
        _fix(_ref(1));
    }

    function test_rule9_fixBaseline__of_a_sealed_job__refused() public {
        _sealClaims(_honestClaims(_readings(_ref(1), 1)));
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_JobSealed.selector, _ref(1)));
        _fix(_ref(1));
    }

    function test_fixBaseline__something_is_missing__refused() public {
        for (uint256 i; i < 6; ++i) {
            Baseline memory b = _baseline();
            if (i == 0) b.millijoules = 0;
            if (i == 1) b.micrograms = 0;
            if (i == 2) b.hourMillijoules = 0;
            if (i == 3) b.nodeRounds = 0;
            if (i == 4) b.decision = 0;
            bytes32 job = i == 5 ? bytes32(0) : _ref(i);
            _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_BadBaseline.selector, job));
            vm.prank(OPERATOR);
            _credit.fixBaseline(job, b);
        }
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_NoBaseline.selector, _ref(1)));
        _credit.baselineHash(_ref(1));
    }

    function test_rule9_fixBaseline__by_a_stranger__refused() public {
        bytes32 role = _credit.OPERATOR_ROLE();
        _refuses(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector,
                address(this),
                role
            )
        );
        _credit.fixBaseline(_ref(1), _baseline());
    }

    /* ----------------------------------------------- issuing ----------------------------------------------- */

    function testFuzz_rule9_issue__honest_readings__what_was_avoided_less_what_is_uncertain(
        uint256[4] memory joules,
        uint8[4] memory kinds,
        uint8 count
    ) public {
        Reading[] memory readings = _readings(_ref(1), 1 + (count % 4));
        for (uint256 i; i < readings.length; ++i) {
            readings[i].millijoules = bound(joules[i], 0, 40_000);
            readings[i].kind = kinds[i] % 3;
        }
        _fix(_ref(1));
        Claim[] memory claims = _honestClaims(readings);
        Story memory story = _sealClaims(claims);
        _becomeFinal();
        uint256 total;
        for (uint256 i; i < claims.length; ++i) {
            if (_amountOf(claims[i]) == 0) continue;
            Reading memory r = claims[i].reading;
            uint256 id = _credit.idOf(r.hour, r.zone);
            uint256 before = _credit.balanceOf(r.node, id);
            vm.expectEmit(address(_credit));
            emit ICarbonCredit.CreditIssued(
                r.job,
                r.node,
                id,
                r.round,
                story.epoch,
                _serialOf(r),
                _leafOf(claims[i]),
                _amountOf(claims[i])
            );
            _credit.issue(story.epoch, story.summary, story.jobProof, _only(claims[i]));
            vm.assertEq(_credit.balanceOf(r.node, id), before + _amountOf(claims[i]));
            vm.assertTrue(_credit.isIssued(_serialOf(r)));
            total += _amountOf(claims[i]);
        }
        (, uint256 issued) = _credit.issuedFor(_ref(1));
        vm.assertEq(issued, total);
        vm.assertLe(issued, _avoidedUg);
    }

    function test_issue__before_the_window_is_over__refused() public {
        _fix(_ref(1));
        Story memory story = _sealClaims(_honestClaims(_readings(_ref(1), 2)));
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_NotFinal.selector, story.epoch));
        _issue(story);
        _becomeFinal();
        _issue(story);
        (uint256 claims, uint256 issued) = _credit.issuedFor(_ref(1));
        vm.assertEq(claims, 2);
        (uint256 minted, uint256 retired) = _credit.totals(_credit.idOf(story.claims[0].reading.hour, ES));
        vm.assertEq(minted, issued);
        vm.assertEq(retired, 0);
        vm.assertEq(_credit.creditedMillijoules(_node(0), story.claims[0].reading.hour), BASELINE_MJ);
    }

    function test_rule9_issue__the_baseline_came_after_the_start__refused() public {
        Claim[] memory claims = _honestClaims(_readings(_ref(1), 1));
        claims[0].started = block.timestamp - 1;
        _fix(_ref(1));
        Story memory story = _sealClaims(claims);
        _becomeFinal();
        _refuses(
            abi.encodeWithSelector(
                ICarbonCredit.CarbonCredit_FixedTooLate.selector,
                _ref(1),
                _credit.baselineOf(_ref(1)).fixedAt,
                claims[0].started
            )
        );
        _issue(story);
    }

    function test_rule9_issue__the_hour_was_over_when_the_work_began__refused() public {
        Claim[] memory claims = _honestClaims(_readings(_ref(1), 1));
        uint256 fixedAt = block.timestamp;
        claims[0].started = (claims[0].reading.hour + 1) * 3_600;
        _fix(_ref(1));
        Story memory story = _sealClaims(claims);
        vm.warp(claims[0].started + CHALLENGE_S);
        _refuses(
            abi.encodeWithSelector(
                ICarbonCredit.CarbonCredit_FixedTooLate.selector,
                _ref(1),
                fixedAt,
                claims[0].started
            )
        );
        _issue(story);
    }

    function test_issue__of_a_round_that_is_none__refused() public {
        Claim[] memory claims = _honestClaims(_readings(_ref(1), 1));
        claims[0].reading.round = 0;
        _fix(_ref(1));
        Story memory story = _sealClaims(claims);
        _becomeFinal();
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_NoRound.selector, _ref(1)));
        _issue(story);
    }

    function test_issue__to_nobody__refused() public {
        Claim[] memory claims = _honestClaims(_readings(_ref(1), 1));
        claims[0].reading.node = address(0);
        _fix(_ref(1));
        Story memory story = _sealClaims(claims);
        _becomeFinal();
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_ZeroAddress.selector));
        _issue(story);
    }

    function test_rule9_issue__more_rounds_than_fixed__refused() public {
        Story memory story = _honestJob(1, NODE_ROUNDS + 1);
        _refuses(
            abi.encodeWithSelector(
                ICarbonCredit.CarbonCredit_TooManyRounds.selector,
                _ref(1),
                uint256(NODE_ROUNDS)
            )
        );
        _issue(story);
    }

    function test_rule9_issue__one_job_after_another__no_hour_beyond_the_baseline() public {
        for (uint256 n = 1; n <= 4; ++n) _issue(_honestJobAt(n));
        Story memory story = _honestJobAt(5);
        _refuses(
            abi.encodeWithSelector(
                ICarbonCredit.CarbonCredit_HourExhausted.selector,
                _node(0),
                story.claims[0].reading.hour,
                uint256(HOUR_MJ)
            )
        );
        _issue(story);
    }

    function test_rule9_issue__claims_that_leave_out_the_wasteful__no_more_than_the_job_avoided() public {
        Reading[] memory readings = _readings(_ref(1), 2);
        (readings[1].zone, readings[1].intensity) = (PL, 700_000);
        Claim[] memory claims = _honestClaims(readings);
        claims[0].excessUg = 0;
        _fix(_ref(1));
        Story memory story = _sealClaims(claims);
        _becomeFinal();
        story.claims = _only(claims[0]);
        _refuses(
            abi.encodeWithSelector(
                ICarbonCredit.CarbonCredit_BeyondTheJob.selector,
                _ref(1),
                _amountOf(claims[0]),
                _avoidedUg
            )
        );
        _issue(story);
    }

    function test_issue__while_paused__refused_and_nothing_else_is() public {
        Story memory story = _honestJob(1, 1);
        _issue(story);
        Story memory later = _honestJob(2, 1);
        _credit.pauseIssue();
        _refuses(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        _issue(later);
        uint256 id = _credit.idOf(story.claims[0].reading.hour, ES);
        vm.prank(_node(0));
        _credit.safeTransferFrom(_node(0), address(0xBEEF), id, 2, "");
        vm.prank(address(0xBEEF));
        vm.assertEq(_credit.retire(id, 2, "", ""), 1);
        _credit.resumeIssue();
        _issue(later);
        bytes32 role = _credit.DEFAULT_ADMIN_ROLE();
        bytes memory why = abi.encodeWithSelector(
            IAccessControl.AccessControlUnauthorizedAccount.selector,
            OPERATOR,
            role
        );
        _refuses(why);
        vm.prank(OPERATOR);
        _credit.pauseIssue();
        _refuses(why);
        vm.prank(OPERATOR);
        _credit.resumeIssue();
    }

    function test_idOf__zones_and_months__told_apart() public {
        // 2026-02-28 23 h, 2026-03-01 0 h, 2028-02-29 23 h, 2000-03-01 0 h, 1970-01-01 0 h, 2099-12-31 23 h.
        uint24[6] memory hours_ = [492_311, 492_312, 509_855, 264_408, 0, 1_139_567];
        uint24[6] memory months = [202_602, 202_603, 202_802, 200_003, 197_001, 209_912];
        for (uint256 i; i < 6; ++i) vm.assertEq(_credit.idOf(hours_[i], ES), uint256(ES) | months[i]);
        bytes32 tooLong = "a zone of twenty-nine letters";
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_BadZone.selector, tooLong));
        _credit.idOf(0, tooLong);
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_BadZone.selector, bytes32(0)));
        _credit.idOf(0, 0);
    }

    function _honestJobAt(uint256 n) private returns (Story memory) {
        vm.warp(1_790_000_000 + n * CHALLENGE_S);
        return _honestJob(n, NODE_ROUNDS);
    }
}
