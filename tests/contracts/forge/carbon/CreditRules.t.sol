// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Claim, ICarbonCredit, Reading} from "../../../../contracts/interfaces/ICarbonCredit.sol";
import {CreditWorld} from "./CreditWorld.sol";

/// @dev issue: what counts against a claim is computed from its reading, whatever was sealed (rule 9).
contract CreditRulesTest is CreditWorld {
    function setUp() public {
        _deployCredit(1);
        _fix(_ref(1));
    }

    function test_rule9_issue__too_certain__refused() public {
        uint24[3] memory bands = [50_000, 400_000, 1_000_000];
        Reading[] memory readings = _readings(_ref(1), 3);
        for (uint256 i; i < 3; ++i) (readings[i].kind, readings[i].bandPpm) = (i, 0);
        Claim[] memory claims = _honestClaims(readings);
        for (uint256 i; i < 3; ++i) claims[i].uncertaintyUg -= 1;
        Story memory story = _sealClaims(claims);
        _becomeFinal();
        for (uint256 i; i < 3; ++i) {
            uint256 leastUg = (_actualUg(readings[i]) * bands[i] + 999_999) / 1_000_000;
            story.claims = _only(claims[i]);
            _refuses(
                abi.encodeWithSelector(ICarbonCredit.CarbonCredit_TooCertain.selector, leastUg - 1, leastUg)
            );
            _issue(story);
        }
    }

    function test_rule9_issue__the_band_is_wider_than_the_kind__counts() public {
        Reading[] memory readings = _readings(_ref(1), 1);
        (readings[0].kind, readings[0].bandPpm) = (0, 900_000);
        Claim[] memory claims = _honestClaims(readings);
        uint256 leastUg = claims[0].uncertaintyUg--;
        Story memory story = _sealClaims(claims);
        _becomeFinal();
        _refuses(
            abi.encodeWithSelector(ICarbonCredit.CarbonCredit_TooCertain.selector, leastUg - 1, leastUg)
        );
        _issue(story);
    }

    function test_issue__of_a_kind_that_there_is_not__refused() public {
        Reading[] memory readings = _readings(_ref(1), 1);
        readings[0].kind = 3;
        Story memory story = _sealClaims(_honestClaims(readings));
        _becomeFinal();
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_BadKind.selector, 3));
        _issue(story);
    }

    function test_rule9_issue__the_site_has_its_own_supply__counts_for_nothing() public {
        Reading[] memory readings = _readings(_ref(1), 1);
        readings[0].siteMillijoules = readings[0].millijoules;
        Claim[] memory claims = _honestClaims(readings);
        Story memory story = _sealClaims(claims);
        _becomeFinal();
        _issue(story);
        uint256 held = _credit.balanceOf(_node(0), _credit.idOf(readings[0].hour, ES));
        vm.assertEq(held, _amountOf(claims[0]));
    }

    function test_rule9_issue__nothing_was_avoided__refused() public {
        Reading[] memory readings = _readings(_ref(1), 1);
        readings[0].millijoules = 200_000;
        Story memory story = _sealClaims(_honestClaims(readings));
        _becomeFinal();
        bytes32 serial = _serialOf(readings[0]);
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_NothingAvoided.selector, serial));
        _issue(story);
    }

    function test_issue__of_no_baseline_or_of_another_job__refused() public {
        Story memory story = _sealClaims(_honestClaims(_readings(_ref(1), 1)));
        Story memory bare = _sealClaims(_honestClaims(_readings(_ref(2), 1)));
        _becomeFinal();
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_NoBaseline.selector, _ref(2)));
        _issue(bare);
        bare.claims = story.claims;
        (bare.epoch, story.summary.micrograms) = (story.epoch, 0);
        _refuses(
            abi.encodeWithSelector(ICarbonCredit.CarbonCredit_UnknownJob.selector, story.epoch, _ref(1))
        );
        _issue(story);
    }

    function test_issue__claims_of_two_jobs__refused() public {
        _fix(_ref(2));
        Story memory story = _sealClaims(_honestClaims(_readings(_ref(1), 1)));
        Story memory other = _sealClaims(_honestClaims(_readings(_ref(2), 1)));
        _becomeFinal();
        story.claims = other.claims;
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_OtherJob.selector, _ref(2), _ref(1)));
        _issue(story);
    }
}
