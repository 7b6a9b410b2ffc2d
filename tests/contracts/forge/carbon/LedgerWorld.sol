// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EnergyLedger} from "../../../../contracts/carbon/EnergyLedger.sol";
import {JobSummary, Member, Proposal} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {ForgeBase} from "../ForgeBase.sol";
import {SlowRace} from "../libraries/SlowRace.sol";

/// @dev A ledger, its members with their keys, and the ways tests act on them.
abstract contract LedgerWorld is ForgeBase {
    uint64 internal constant CHALLENGE_S = 60;
    uint64 internal constant PROPOSER_S = 10;
    uint64 internal constant RECOVERY_S = 7 days;
    address internal constant KEEPER = address(0x6EE9E2);
    address internal constant ARBITER = address(0xA2B17E2);

    EnergyLedger internal _ledger;
    /// @dev Sorted together, by address.
    uint256[] private _secrets;
    Member[] internal _members;

    function _deploy(uint256 count) internal {
        vm.warp(1_790_000_000);
        _ledger = new EnergyLedger(address(this), KEEPER, ARBITER, CHALLENGE_S, PROPOSER_S, RECOVERY_S);
        _enroll(count, 0);
        vm.prank(KEEPER);
        _ledger.anchor(100, keccak256("market block"), _members);
    }

    /// @dev So many members of unequal weights, others for each `seed`.
    function _enroll(uint256 count, uint256 seed) internal {
        delete _secrets;
        delete _members;
        for (uint256 i; i < count; ++i) {
            uint256 secret = uint256(keccak256(abi.encode("member", seed, i))) >> 1;
            Member memory added = Member(vm.addr(secret), uint128(1e21 + 1e20 * (i % 5)));
            _secrets.push(secret);
            _members.push(added);
            for (uint256 k = i; k > 0 && _members[k - 1].key > _members[k].key; --k) {
                Member memory later = _members[k - 1];
                _members[k - 1] = _members[k];
                _members[k] = later;
                (_secrets[k - 1], _secrets[k]) = (_secrets[k], _secrets[k - 1]);
            }
        }
    }

    /// @dev Signatures of the members whose bit in `mask` is set, in order.
    function _signatures(bytes32 digest, uint256 mask) internal view returns (bytes[] memory made) {
        uint256 n;
        made = new bytes[](_members.length);
        for (uint256 i; i < _members.length; ++i) {
            if ((mask >> i) & 1 == 0) continue;
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(_secrets[i], digest);
            made[n++] = abi.encodePacked(r, s, v);
        }
        assembly ("memory-safe") {
            mstore(made, n)
        }
    }

    function _weightOf(uint256 mask) internal view returns (uint256 weight, uint256 total) {
        for (uint256 i; i < _members.length; ++i) {
            total += _members[i].weight;
            if ((mask >> i) & 1 == 1) weight += _members[i].weight;
        }
    }

    /// @dev The first `count` of the race for the next epoch, as its description says.
    function _race(uint256 count) internal view returns (address[] memory) {
        address[] memory keys = new address[](_members.length);
        uint256[] memory weights = new uint256[](_members.length);
        for (uint256 i; i < keys.length; ++i) (keys[i], weights[i]) = (_members[i].key, _members[i].weight);
        bytes32 seed = keccak256(abi.encode(_ledger.headHash(), _ledger.count()));
        return SlowRace.draw(seed, keys, weights, new bool[](keys.length), count);
    }

    function _maskOf(address key) internal view returns (uint256) {
        for (uint256 i; i < _members.length; ++i) if (_members[i].key == key) return 1 << i;
        assert(false);
    }

    function _all() internal view returns (uint256) {
        return (1 << _members.length) - 1;
    }

    function _proposal() internal view returns (Proposal memory) {
        return
            Proposal({
                index: _ledger.count(),
                checkpoint: _ledger.checkpointCount() - 1,
                prevHash: _ledger.headHash(),
                readingsRoot: keccak256(abi.encode("readings", _ledger.count())),
                claimsRoot: keccak256(abi.encode("claims", _ledger.count())),
                ratingRoot: keccak256(abi.encode("ratings", _ledger.count()))
            });
    }

    /// @dev `count` jobs named after `first` and their place, each with so many readings.
    function _jobs(
        uint256 first,
        uint256 count,
        uint256 readings
    ) internal pure returns (JobSummary[] memory made) {
        made = new JobSummary[](count);
        for (uint256 i; i < count; ++i) {
            made[i] = JobSummary(
                keccak256(abi.encode("job", first + i)),
                readings,
                3_600 * readings,
                400 * readings,
                keccak256(abi.encode("commitment", first + i))
            );
        }
    }

    function _sealAs(
        Proposal memory proposal,
        JobSummary[] memory jobs,
        uint256 mask
    ) internal returns (uint256) {
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(proposal, jobs), mask);
        return _ledger.seal(proposal, jobs, _members, signatures);
    }

    function _seal(JobSummary[] memory jobs) internal returns (uint256) {
        return _sealAs(_proposal(), jobs, _all());
    }
}
