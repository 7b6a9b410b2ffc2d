// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Baseline, Claim, ICarbonCredit, Reading} from "../interfaces/ICarbonCredit.sol";

/// @title What a reading is worth
/// @notice Amounts in microgrammes of CO2e, rounded against the credit everywhere; and the leaves that stand for it.
library CreditRule {
    uint256 internal constant METHOD = 1;
    uint256 private constant PPM = 1_000_000;
    /// @dev Milligrammes for kilowatt hours into microgrammes for millijoules: 1 000 over 3.6 * 10^9.
    uint256 private constant MILLIJOULES_PER_UG = 3_600_000;

    /// @notice What all the energy of a reading emitted at the grid's intensity.
    function actualUgRoundedUp(Reading calldata r) internal pure returns (uint256) {
        return Math.ceilDiv(r.millijoules * r.intensity, MILLIJOULES_PER_UG);
    }

    /// @notice How far that may be off at the least: no reading counts as more certain than its kind.
    function leastUncertaintyUgRoundedUp(
        Reading calldata r,
        uint256 actualUg
    ) internal pure returns (uint256) {
        return Math.ceilDiv(actualUg * Math.max(r.bandPpm, leastBandPpm(r.kind)), PPM);
    }

    function leastBandPpm(uint256 kind) internal pure returns (uint256) {
        if (kind == 0) return 50_000;
        if (kind == 1) return 400_000;
        if (kind == 2) return PPM;
        revert ICarbonCredit.CarbonCredit_BadKind(kind);
    }

    function hash(bytes32 job, Baseline memory b) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(job, b.millijoules, b.micrograms, b.hourMillijoules, b.nodeRounds, b.decision)
            );
    }

    function leaf(Reading calldata r) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(r))));
    }

    function leaf(
        Claim calldata c,
        uint256 baselineUg,
        uint256 actualUg,
        bytes32 baselineHash,
        bytes32 readingLeaf
    ) internal pure returns (bytes32) {
        Reading calldata r = c.reading;
        bytes memory about = abi.encode(r.job, r.round, r.node, r.hour, r.zone, METHOD, c.started);
        bytes memory amounts = abi.encode(baselineUg, actualUg, c.uncertaintyUg, c.chainUg, c.excessUg);
        return
            keccak256(
                bytes.concat(keccak256(bytes.concat(about, amounts, abi.encode(baselineHash, readingLeaf))))
            );
    }

    function serial(Reading calldata r) internal pure returns (bytes32) {
        return keccak256(abi.encode(r.job, r.round, r.node));
    }
}
