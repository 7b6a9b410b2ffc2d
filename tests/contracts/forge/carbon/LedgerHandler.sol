// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EnergyLedger} from "../../../../contracts/carbon/EnergyLedger.sol";
import {JobSummary, LedgerEpoch, Member, Proposal} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {LedgerWorld} from "./LedgerWorld.sol";

/// @dev Random moves on a ledger by anybody, and what an outsider writes down about them.
contract LedgerHandler is LedgerWorld {
    bytes32 public head;
    uint256 public sealed_;
    uint256 public jobsIn;
    uint256 public minority;
    uint256 public outOfTurn;
    mapping(bytes32 job => uint256) public timesSealed;
    bytes32[] private _names;
    uint256 private _marketBlock = 100;
    uint256 private _generation;

    constructor() {
        _deploy(5);
    }

    function ledger() external view returns (EnergyLedger) {
        return _ledger;
    }

    /// @dev Some jobs are named that were sealed before; some who sign are too few.
    function seal(uint256 mask, uint256 first, uint256 count, uint256 readings) external {
        mask = bound(mask, 0, _all());
        // Often enough there is a quorum.
        if (first % 3 > 0) mask |= _all() - 1;
        Proposal memory p = _proposal();
        JobSummary[] memory jobs = _jobs(bound(first, 0, 200), bound(count, 1, 4), bound(readings, 0, 1e9));
        uint256 turn = _ledger.calledAt() == 0 ? 0 : (block.timestamp - _ledger.calledAt()) / PROPOSER_S;
        address[] memory order = _race(turn >= _members.length ? _members.length : turn + 1);
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(p, jobs), mask);
        try _ledger.seal(p, jobs, _members, signatures) returns (uint256 index) {
            LedgerEpoch memory e = _ledger.epoch(index);
            (uint256 weight, uint256 total) = _weightOf(mask);
            if (3 * weight < 2 * total) ++minority;
            if (!_isFirstSigner(order, mask, e.proposer)) ++outOfTurn;
            if (e.prevHash == head) ++sealed_;
            head = keccak256(abi.encode(e));
            for (uint256 i; i < jobs.length; ++i) {
                ++jobsIn;
                if (++timesSealed[jobs[i].job] == 1) _names.push(jobs[i].job);
            }
        } catch {}
    }

    function renew(uint256 mask, uint256 later) external {
        mask = bound(mask, 0, _all());
        if (later % 2 == 0) mask = _all();
        uint256 marketBlock = _marketBlock + (later % 3);
        Member[] memory current = _members;
        (uint256 weight, uint256 total) = _weightOf(mask);
        uint256 before = _generation;
        _enroll(5, before + 1);
        Member[] memory next = _members;
        bytes32 digest = _ledger.hashCheckpoint(_ledger.checkpointCount(), marketBlock, "", next);
        _enroll(5, before);
        try _ledger.renew(marketBlock, "", next, current, _signatures(digest, mask)) {
            if (3 * weight < 2 * total) ++minority;
            _marketBlock = marketBlock;
            _generation = before + 1;
            _enroll(5, _generation);
        } catch {}
    }

    function call() external {
        try _ledger.callProposer() {} catch {}
    }

    function wait(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 1, 3 * PROPOSER_S));
    }

    function challenge(uint256 index, uint256 who) external {
        if (_ledger.count() == 0) return;
        vm.prank(_members[who % 5].key);
        try _ledger.challenge(index % _ledger.count(), "", _members) {} catch {}
    }

    function mostOftenSealed() external view returns (uint256 most) {
        for (uint256 i; i < _names.length; ++i) {
            if (timesSealed[_names[i]] > most) most = timesSealed[_names[i]];
        }
    }

    function namesIn() external view returns (uint256) {
        return _names.length;
    }

    function _isFirstSigner(
        address[] memory order,
        uint256 mask,
        address proposer
    ) private view returns (bool) {
        for (uint256 i; i < order.length; ++i) {
            if (mask & _maskOf(order[i]) > 0) return order[i] == proposer;
        }
        return false;
    }
}
