// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEnergyLedger, JobSummary} from "./IEnergyLedger.sol";

/// @notice An energy reading. Leaf of an epoch's `readingsRoot`: `keccak256(bytes.concat(keccak256(abi.encode(reading))))`.
/// @param job The job on the market chain.
/// @param round From 1; 0 for what belongs to no round.
/// @param node The node provider's address.
/// @param hour Seconds since 1970 divided by 3 600, at the end of the reading's window.
/// @param millijoules What was used.
/// @param siteMillijoules How much of it the site's own sun and wind gave, as the node says; counts for nothing here.
/// @param kind 0 measured, 1 modelled, 2 constant.
/// @param bandPpm How far the energy may be off, in millionths.
/// @param zone Up to 28 ASCII characters: where the node's grid is.
/// @param intensity What that grid emitted in that hour, in milligrammes of CO2e per kWh.
struct Reading {
    bytes32 job;
    uint256 round;
    address node;
    uint256 hour;
    uint256 millijoules;
    uint256 siteMillijoules;
    uint256 kind;
    uint256 bandPpm;
    bytes32 zone;
    uint256 intensity;
}

/// @notice What a job's credits are measured against, for one node's work in one round.
/// @param millijoules What it takes under the baseline's policy.
/// @param micrograms What that emits, in microgrammes of CO2e.
/// @param hourMillijoules What such a node takes in an hour of full work.
/// @param nodeRounds How many rounds of nodes the job has at most.
/// @param decision Hash of the decision that it comes from.
/// @param fixedAt When it was fixed, in seconds since 1970; 0 when it was not.
struct Baseline {
    uint80 millijoules;
    uint80 micrograms;
    uint48 fixedAt;
    uint32 nodeRounds;
    uint96 hourMillijoules;
    bytes32 decision;
}

/// @notice One claim, as far as it does not follow from its reading and the baseline.
/// @param started When the job's work began, in seconds since 1970.
/// @param uncertaintyUg How far the emissions may be off: at least the reading's band, and at least its kind's.
/// @param chainUg The work's part in what the chains took.
/// @param excessUg Its part in what the job's other work took beyond the baseline.
/// @param readingProof Siblings from the reading's leaf up to the epoch's `readingsRoot`.
/// @param claimProof Siblings from the claim's leaf up to the epoch's `claimsRoot`.
struct Claim {
    Reading reading;
    uint256 started;
    uint256 uncertaintyUg;
    uint256 chainUg;
    uint256 excessUg;
    bytes32[] readingProof;
    bytes32[] claimProof;
}

/// @notice Proof that somebody used credits up, for ever.
/// @param holder Whose they were.
/// @param retiredAt Seconds since 1970.
/// @param id Which credits.
/// @param amount Microgrammes of CO2e.
/// @param textHash `keccak256(abi.encode(beneficiary, reason))`; the texts are in the event.
struct Certificate {
    address holder;
    uint48 retiredAt;
    uint256 id;
    uint256 amount;
    bytes32 textHash;
}

/// @title Eco Credits (internal unit, not a carbon offset)
/// @notice One unit is a microgramme of CO2e that a node's work in one round did not emit, against a baseline fixed before the
/// job ran. Units of a month and a zone are alike; they can be handed on, and retired once.
/// @dev Amount = max(0, baseline - actual - uncertainty - chain - excess). What can be computed is computed here: actual, the
/// least uncertainty, and the baseline; the rest only lowers the amount and stands under the ledger epoch's signatures.
/// A claim is the leaf `keccak256(bytes.concat(keccak256(abi.encode(job, round, node, hour, zone, METHOD, started, baselineUg,
/// actualUg, uncertaintyUg, chainUg, excessUg, baselineHash, readingLeaf))))`.
///
/// Trust: OPERATOR_ROLE fixes baselines, once each and before the job is sealed. The quorum of the energy ledger says what was
/// read, and when a job's work began. The admin may pause issuing, never a transfer or a retirement.
interface ICarbonCredit {
    error CarbonCredit_BadBaseline(bytes32 job);
    error CarbonCredit_AlreadyFixed(bytes32 job);
    error CarbonCredit_JobSealed(bytes32 job);
    error CarbonCredit_NoBaseline(bytes32 job);
    error CarbonCredit_FixedTooLate(bytes32 job, uint256 fixedAt, uint256 started);
    error CarbonCredit_NotFinal(uint256 epoch);
    error CarbonCredit_UnknownJob(uint256 epoch, bytes32 job);
    error CarbonCredit_UnknownReading(uint256 epoch, bytes32 leaf);
    error CarbonCredit_UnknownClaim(uint256 epoch, bytes32 leaf);
    error CarbonCredit_OtherJob(bytes32 given, bytes32 expected);
    error CarbonCredit_NoRound(bytes32 job);
    error CarbonCredit_BadKind(uint256 kind);
    error CarbonCredit_BadZone(bytes32 zone);
    error CarbonCredit_TooCertain(uint256 uncertaintyUg, uint256 leastUg);
    error CarbonCredit_AlreadyIssued(bytes32 serial);
    error CarbonCredit_TooManyRounds(bytes32 job, uint256 nodeRounds);
    error CarbonCredit_HourExhausted(address node, uint256 hour, uint256 hourMillijoules);
    error CarbonCredit_NothingAvoided(bytes32 serial);
    error CarbonCredit_BeyondTheJob(bytes32 job, uint256 issuedUg, uint256 avoidedUg);
    error CarbonCredit_NothingToRetire();
    error CarbonCredit_TextTooLong(uint256 length, uint256 max);
    error CarbonCredit_NoCertificate(uint256 certificate);
    error CarbonCredit_ZeroAddress();

    event BaselineFixed(
        bytes32 indexed job,
        bytes32 indexed baselineHash,
        uint256 millijoules,
        uint256 micrograms,
        uint256 hourMillijoules,
        uint256 nodeRounds,
        bytes32 decision,
        uint256 fixedAt
    );
    event CreditIssued(
        bytes32 indexed job,
        address indexed node,
        uint256 indexed id,
        uint256 round,
        uint256 epoch,
        bytes32 serial,
        bytes32 claimLeaf,
        uint256 amount
    );
    event CreditRetired(
        uint256 indexed certificate,
        address indexed holder,
        uint256 indexed id,
        uint256 amount,
        string beneficiary,
        string reason
    );

    /// @notice Fixes a job's baseline. Only OPERATOR_ROLE; once for each job, and not after it was sealed in the ledger.
    /// @param baseline Its `fixedAt` is not read: the block says when. All else is above zero, `decision` too.
    function fixBaseline(bytes32 job, Baseline calldata baseline) external;

    /// @notice Issues credits of one job to the nodes that it names. Anyone may; all of the claims or none.
    /// @param epoch The ledger epoch, final and not void, in which the job was sealed.
    /// @param summary The job's summary in that epoch. No more is ever issued for a job than the baseline of its readings less
    /// what they emitted together.
    function issue(
        uint256 epoch,
        JobSummary calldata summary,
        bytes32[] calldata jobProof,
        Claim[] calldata claims
    ) external;

    /// @notice Uses up the sender's credits, for ever.
    /// @param beneficiary Who may say so, up to 100 bytes.
    /// @param reason What for, up to 200 bytes.
    function retire(
        uint256 id,
        uint256 amount,
        string calldata beneficiary,
        string calldata reason
    ) external returns (uint256 certificate);

    /// @notice Stops and resumes issuing. Only the admin.
    function pauseIssue() external;

    function resumeIssue() external;

    function name() external pure returns (string memory);

    function symbol() external pure returns (string memory);

    function ledger() external view returns (IEnergyLedger);

    function baselineOf(bytes32 job) external view returns (Baseline memory);

    /// @notice `keccak256(abi.encode(job, millijoules, micrograms, hourMillijoules, nodeRounds, decision))`, by which claims name
    /// it.
    function baselineHash(bytes32 job) external view returns (bytes32);

    /// @notice How many claims of a job were issued, and how much they came to.
    function issuedFor(bytes32 job) external view returns (uint256 claims, uint256 micrograms);

    /// @notice Whether there was a credit with this serial, `keccak256(abi.encode(job, round, node))`.
    function isIssued(bytes32 serial) external view returns (bool);

    /// @notice How much baseline energy of a node's hour has been credited.
    function creditedMillijoules(address node, uint256 hour) external view returns (uint256);

    /// @notice The credits of an hour's month (UTC) in a zone: the zone's characters, then year x 100 + month in the last four
    /// bytes.
    function idOf(uint256 hour, bytes32 zone) external pure returns (uint256);

    /// @notice All that was ever issued of these credits, and all that was retired.
    function totals(uint256 id) external view returns (uint256 issuedUg, uint256 retiredUg);

    /// @notice A retirement; certificates count from 1.
    function certificate(uint256 number) external view returns (Certificate memory);

    function certificateCount() external view returns (uint256);
}
