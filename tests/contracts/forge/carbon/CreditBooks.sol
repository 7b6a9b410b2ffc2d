// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Claim, Reading} from "../../../../contracts/interfaces/ICarbonCredit.sol";
import {CreditWorld} from "./CreditWorld.sol";

/// @dev What an outsider writes down about readings that were sealed, and holds the credits to.
abstract contract CreditBooks is CreditWorld {
    struct Entry {
        bytes32 job;
        address node;
        uint256 hour;
        uint256 id;
        int256 avoidedUg;
    }

    bytes32[] private _jobsSeen;
    mapping(bytes32 job => bool) private _seen;
    mapping(bytes32 job => int256) private _avoidedBy;
    bytes32[] private _serials;
    mapping(bytes32 serial => Entry) private _entries;
    mapping(uint256 id => uint256) private _issuedOf;
    uint256[] private _ids;
    mapping(address node => mapping(uint256 hour => uint256)) private _baselineMj;
    mapping(address node => mapping(uint256 id => bool)) private _counted;
    mapping(bytes32 job => uint256) private _avoidedByIssued;
    uint256 internal _retiredUg;

    /// @dev Remembers the readings of a sealed job. A serial that comes twice counts with the reading that avoided less.
    function _enter(Story memory story) internal {
        for (uint256 i; i < story.claims.length; ++i) {
            Reading memory r = story.claims[i].reading;
            int256 avoidedUg = int256(uint256(BASELINE_UG)) - int256(_actualUg(r));
            if (!_seen[r.job]) _jobsSeen.push(r.job);
            _seen[r.job] = true;
            _avoidedBy[r.job] += avoidedUg;
            bytes32 serial = _serialOf(r);
            Entry storage e = _entries[serial];
            if (e.job == 0) _serials.push(serial);
            else if (e.avoidedUg > avoidedUg) avoidedUg = e.avoidedUg;
            _entries[serial] = Entry(r.job, r.node, r.hour, _credit.idOf(r.hour, r.zone), avoidedUg);
        }
    }

    /// @dev Every unit minted stands on a reading that avoided it, once; nothing that was retired comes back.
    function auditCredits() public {
        for (uint256 i; i < _serials.length; ++i) {
            Entry memory e = _entries[_serials[i]];
            if (!_credit.isIssued(_serials[i])) continue;
            vm.assertTrue(e.avoidedUg > 0, "credited without anything avoided");
            _avoidedByIssued[e.job] += uint256(e.avoidedUg);
            _baselineMj[e.node][e.hour] += BASELINE_MJ;
            if (!_counted[e.node][e.id]) {
                _counted[e.node][e.id] = true;
                _issuedOf[e.id] += _credit.balanceOf(e.node, e.id);
                _ids.push(e.id);
            }
        }
        uint256 minted;
        for (uint256 i; i < _jobsSeen.length; ++i) {
            bytes32 job = _jobsSeen[i];
            (, uint256 issuedUg) = _credit.issuedFor(job);
            minted += issuedUg;
            vm.assertLe(issuedUg, _avoidedByIssued[job]);
            vm.assertLe(issuedUg, _avoidedBy[job] > 0 ? uint256(_avoidedBy[job]) : 0);
            delete _avoidedByIssued[job];
        }
        uint256 held;
        for (uint256 i; i < _ids.length; ++i) {
            held += _issuedOf[_ids[i]];
            delete _issuedOf[_ids[i]];
        }
        delete _ids;
        vm.assertEq(held + _retiredUg, minted, "units appeared or came back");
        for (uint256 i; i < _serials.length; ++i) {
            Entry memory e = _entries[_serials[i]];
            delete _counted[e.node][e.id];
            uint256 creditedMj = _credit.creditedMillijoules(e.node, e.hour);
            vm.assertLe(creditedMj, HOUR_MJ);
        }
        for (uint256 i; i < _serials.length; ++i) {
            Entry memory e = _entries[_serials[i]];
            if (_baselineMj[e.node][e.hour] == 0) continue;
            vm.assertEq(_baselineMj[e.node][e.hour], _credit.creditedMillijoules(e.node, e.hour));
            delete _baselineMj[e.node][e.hour];
        }
    }

    function _tries(Story memory story) internal returns (bool done) {
        try _credit.issue(story.epoch, story.summary, story.jobProof, story.claims) {
            done = true;
        } catch {}
    }

    function _mustFail(Story memory story) internal {
        vm.assertFalse(_tries(story), "it was issued");
    }

    /// @dev Issues those claims that are worth something; how many that were.
    function _issueWorth(Story memory story) internal returns (uint256 count) {
        Claim[] memory all = story.claims;
        for (uint256 i; i < all.length; ++i) {
            if (_amountOf(all[i]) == 0) continue;
            story.claims = _only(all[i]);
            if (_tries(story)) ++count;
        }
        story.claims = all;
    }

    function _retireAll(Claim[] memory claims) internal {
        for (uint256 i; i < claims.length; ++i) {
            Reading memory r = claims[i].reading;
            uint256 id = _credit.idOf(r.hour, r.zone);
            uint256 held = _credit.balanceOf(r.node, id);
            if (held == 0) continue;
            vm.prank(r.node);
            _credit.retire(id, held, "the sea", "for good");
            _retiredUg += held;
        }
    }
}
