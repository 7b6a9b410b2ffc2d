// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {Baseline, Certificate, Claim, ICarbonCredit, Reading} from "../interfaces/ICarbonCredit.sol";
import {IEnergyLedger, JobSummary} from "../interfaces/IEnergyLedger.sol";
import {CreditRule} from "../libraries/CreditRule.sol";
import {Vintage} from "../libraries/Vintage.sol";

/// @title CarbonCredit
/// @notice Eco Credits (internal unit, not a carbon offset) by month and zone. See {ICarbonCredit}.
contract CarbonCredit is ICarbonCredit, ERC1155, AccessControl, Pausable {
    using CreditRule for Reading;
    using CreditRule for Claim;

    /// @dev What has been issued for a job.
    struct Issued {
        uint64 claims;
        uint192 micrograms;
    }

    /// @dev A job whose credits are issued. `avoidedUg` is the most that they may come to.
    struct Job {
        bytes32 ref;
        uint256 epoch;
        Baseline baseline;
        bytes32 baselineHash;
        uint256 avoidedUg;
    }

    bytes32 public constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");
    uint256 public constant METHOD = CreditRule.METHOD;
    string private constant NAME = "Eco Credit (internal unit, not a carbon offset)";
    /// @dev JSON with its signs percent-encoded.
    string private constant METADATA =
        "data:application/json,%7B%22name%22:%22Eco%20Credit%20(internal%20unit,%20not%20a%20carbon%20offset)%22,%22id%22:%22{id}%22,%22unit%22:%22microgramme%20CO2e%22%7D";
    uint256 private constant MAX_BENEFICIARY = 100;
    uint256 private constant MAX_REASON = 200;
    uint256 private constant HOUR = 3_600;
    /// @dev The last four bytes of an id hold the month.
    uint256 private constant MONTH_MASK = type(uint32).max;

    IEnergyLedger public immutable ledger;

    mapping(bytes32 job => Baseline) private _baselines;
    mapping(bytes32 job => Issued) private _issued;
    mapping(bytes32 serial => bool) public isIssued;
    mapping(address node => mapping(uint256 hour => uint256)) public creditedMillijoules;
    mapping(uint256 id => uint256) private _issuedUg;
    mapping(uint256 id => uint256) private _retiredUg;
    Certificate[] private _certificates;

    constructor(IEnergyLedger ledger_, address admin, address operator) ERC1155(METADATA) {
        if (address(ledger_) == address(0)) revert CarbonCredit_ZeroAddress();
        ledger = ledger_;
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(OPERATOR_ROLE, operator);
    }

    /* ---------------------------------------------- baselines ---------------------------------------------- */

    /// @inheritdoc ICarbonCredit
    function fixBaseline(bytes32 job, Baseline calldata baseline) external onlyRole(OPERATOR_ROLE) {
        if (_baselines[job].fixedAt != 0) revert CarbonCredit_AlreadyFixed(job);
        if (ledger.isSealed(job)) revert CarbonCredit_JobSealed(job);
        bool measured = baseline.millijoules != 0 && baseline.micrograms != 0;
        bool bounded = baseline.hourMillijoules != 0 && baseline.nodeRounds != 0;
        if (job == 0 || !measured || !bounded || baseline.decision == 0) {
            revert CarbonCredit_BadBaseline(job);
        }

        Baseline memory b = baseline;
        b.fixedAt = uint48(block.timestamp);
        _baselines[job] = b;

        emit BaselineFixed(
            job,
            CreditRule.hash(job, b),
            b.millijoules,
            b.micrograms,
            b.hourMillijoules,
            b.nodeRounds,
            b.decision,
            b.fixedAt
        );
    }

    /* ----------------------------------------------- issuing ----------------------------------------------- */

    /// @inheritdoc ICarbonCredit
    function issue(
        uint256 epoch,
        JobSummary calldata summary,
        bytes32[] calldata jobProof,
        Claim[] calldata claims
    ) external whenNotPaused {
        Job memory job = _job(epoch, summary, jobProof);
        Issued memory issued = _issued[job.ref];
        for (uint256 i; i < claims.length; ++i) issued.micrograms += uint192(_issue(job, claims[i]));
        issued.claims += uint64(claims.length);
        if (issued.claims > job.baseline.nodeRounds) {
            revert CarbonCredit_TooManyRounds(job.ref, job.baseline.nodeRounds);
        }
        if (issued.micrograms > job.avoidedUg) {
            revert CarbonCredit_BeyondTheJob(job.ref, issued.micrograms, job.avoidedUg);
        }
        _issued[job.ref] = issued;
    }

    /// @dev Mints without asking the receiver: a node's wallet must not hold up the credits of others.
    function _issue(Job memory job, Claim calldata c) private returns (uint256 amount) {
        Reading calldata r = c.reading;
        uint256 actualUg = r.actualUgRoundedUp();
        _requireInTime(job, c);
        bytes32 claimLeaf = _requireSealed(job, c, actualUg);
        if (r.node == address(0)) revert CarbonCredit_ZeroAddress();
        bytes32 serial = r.serial();
        if (isIssued[serial]) revert CarbonCredit_AlreadyIssued(serial);
        uint256 takenUg = actualUg + c.uncertaintyUg + c.chainUg + c.excessUg;
        if (takenUg >= job.baseline.micrograms) revert CarbonCredit_NothingAvoided(serial);
        uint256 credited = creditedMillijoules[r.node][r.hour] + job.baseline.millijoules;
        if (credited > job.baseline.hourMillijoules) {
            revert CarbonCredit_HourExhausted(r.node, r.hour, job.baseline.hourMillijoules);
        }
        amount = job.baseline.micrograms - takenUg;
        uint256 id = idOf(r.hour, r.zone);

        isIssued[serial] = true;
        creditedMillijoules[r.node][r.hour] = credited;
        _issuedUg[id] += amount;
        _update(address(0), r.node, _single(id), _single(amount));

        emit CreditIssued(job.ref, r.node, id, r.round, job.epoch, serial, claimLeaf, amount);
    }

    /* ----------------------------------------------- retiring ---------------------------------------------- */

    /// @inheritdoc ICarbonCredit
    function retire(
        uint256 id,
        uint256 amount,
        string calldata beneficiary,
        string calldata reason
    ) external returns (uint256 number) {
        if (amount == 0) revert CarbonCredit_NothingToRetire();
        _requireShort(beneficiary, MAX_BENEFICIARY);
        _requireShort(reason, MAX_REASON);

        bytes32 textHash = keccak256(abi.encode(beneficiary, reason));
        _certificates.push(Certificate(msg.sender, uint48(block.timestamp), id, amount, textHash));
        number = _certificates.length;
        _retiredUg[id] += amount;
        _burn(msg.sender, id, amount);

        emit CreditRetired(number, msg.sender, id, amount, beneficiary, reason);
    }

    /* -------------------------------------------- administration ------------------------------------------- */

    /// @inheritdoc ICarbonCredit
    function pauseIssue() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _pause();
    }

    /// @inheritdoc ICarbonCredit
    function resumeIssue() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
    }

    /* ----------------------------------------------- reading ----------------------------------------------- */

    /// @inheritdoc ICarbonCredit
    function name() external pure returns (string memory) {
        return NAME;
    }

    /// @inheritdoc ICarbonCredit
    function symbol() external pure returns (string memory) {
        return "ECO";
    }

    /// @inheritdoc ICarbonCredit
    function baselineOf(bytes32 job) external view returns (Baseline memory) {
        return _baselines[job];
    }

    /// @inheritdoc ICarbonCredit
    function baselineHash(bytes32 job) external view returns (bytes32) {
        Baseline memory b = _baselines[job];
        if (b.fixedAt == 0) revert CarbonCredit_NoBaseline(job);
        return CreditRule.hash(job, b);
    }

    /// @inheritdoc ICarbonCredit
    function issuedFor(bytes32 job) external view returns (uint256 claims, uint256 micrograms) {
        return (_issued[job].claims, _issued[job].micrograms);
    }

    /// @inheritdoc ICarbonCredit
    function idOf(uint256 hour, bytes32 zone) public pure returns (uint256) {
        if (zone == 0 || uint256(zone) & MONTH_MASK != 0) revert CarbonCredit_BadZone(zone);
        return uint256(zone) | Vintage.ofHour(hour);
    }

    /// @inheritdoc ICarbonCredit
    function totals(uint256 id) external view returns (uint256 issuedUg, uint256 retiredUg) {
        return (_issuedUg[id], _retiredUg[id]);
    }

    /// @inheritdoc ICarbonCredit
    function certificate(uint256 number) external view returns (Certificate memory) {
        if (number == 0 || number > _certificates.length) revert CarbonCredit_NoCertificate(number);
        return _certificates[number - 1];
    }

    /// @inheritdoc ICarbonCredit
    function certificateCount() external view returns (uint256) {
        return _certificates.length;
    }

    function supportsInterface(
        bytes4 interfaceId
    ) public view override(ERC1155, AccessControl) returns (bool) {
        return super.supportsInterface(interfaceId);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _job(
        uint256 epoch,
        JobSummary calldata summary,
        bytes32[] calldata jobProof
    ) private view returns (Job memory job) {
        job.ref = summary.job;
        job.epoch = epoch;
        job.baseline = _baselines[summary.job];
        if (job.baseline.fixedAt == 0) revert CarbonCredit_NoBaseline(summary.job);
        if (!ledger.isFinal(epoch)) revert CarbonCredit_NotFinal(epoch);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(summary))));
        if (!ledger.verifyJob(epoch, leaf, jobProof)) revert CarbonCredit_UnknownJob(epoch, summary.job);
        job.baselineHash = CreditRule.hash(summary.job, job.baseline);
        uint256 baselineUg = Math.min(summary.readings, job.baseline.nodeRounds) * job.baseline.micrograms;
        job.avoidedUg = Math.saturatingSub(baselineUg, summary.micrograms);
    }

    /// @dev The baseline came before the work, and the work before the end of the reading's hour.
    function _requireInTime(Job memory job, Claim calldata c) private pure {
        if (c.reading.job != job.ref) revert CarbonCredit_OtherJob(c.reading.job, job.ref);
        if (c.reading.round == 0) revert CarbonCredit_NoRound(job.ref);
        if (job.baseline.fixedAt > c.started || c.started >= (c.reading.hour + 1) * HOUR) {
            revert CarbonCredit_FixedTooLate(job.ref, job.baseline.fixedAt, c.started);
        }
    }

    /// @dev Reading and claim stand in the epoch as they follow from each other.
    function _requireSealed(
        Job memory job,
        Claim calldata c,
        uint256 actualUg
    ) private view returns (bytes32 claimLeaf) {
        bytes32 readingLeaf = c.reading.leaf();
        if (!ledger.verifyReading(job.epoch, readingLeaf, c.readingProof)) {
            revert CarbonCredit_UnknownReading(job.epoch, readingLeaf);
        }
        claimLeaf = c.leaf(job.baseline.micrograms, actualUg, job.baselineHash, readingLeaf);
        if (!ledger.verifyClaim(job.epoch, claimLeaf, c.claimProof)) {
            revert CarbonCredit_UnknownClaim(job.epoch, claimLeaf);
        }
        uint256 leastUg = c.reading.leastUncertaintyUgRoundedUp(actualUg);
        if (c.uncertaintyUg < leastUg) revert CarbonCredit_TooCertain(c.uncertaintyUg, leastUg);
    }

    function _requireShort(string calldata text, uint256 max) private pure {
        if (bytes(text).length > max) revert CarbonCredit_TextTooLong(bytes(text).length, max);
    }

    function _single(uint256 value) private pure returns (uint256[] memory made) {
        made = new uint256[](1);
        made[0] = value;
    }
}
