// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Checkpoint, IEnergyLedger, Member} from "../interfaces/IEnergyLedger.sol";
import {Epochs} from "../libraries/Epochs.sol";

/// @title StakeCheckpoints
/// @notice Who may sign for the ledger: the market chain's stake at a named block, each checkpoint signed by the one before.
abstract contract StakeCheckpoints is IEnergyLedger, AccessControl, EIP712 {
    using Epochs for Member[];
    using SafeCast for uint256;

    bytes32 public constant KEEPER_ROLE = keccak256("KEEPER_ROLE");
    uint256 public constant MAX_MEMBERS = 64;

    uint64 public immutable recoverySeconds;

    uint256 public calledAt;
    Checkpoint[] private _checkpoints;

    constructor(address keeper, uint64 recoverySeconds_) EIP712("EcoDML", "1") {
        _grantRole(KEEPER_ROLE, keeper);
        recoverySeconds = recoverySeconds_;
    }

    /// @inheritdoc IEnergyLedger
    function anchor(
        uint256 marketBlock,
        bytes32 marketHash,
        Member[] calldata members
    ) external onlyRole(KEEPER_ROLE) {
        bool stuck = calledAt != 0 && block.timestamp >= calledAt + recoverySeconds;
        if (_checkpoints.length > 0 && !stuck) revert EnergyLedger_NotStuck(calledAt);
        _add(marketBlock, marketHash, members);

        emit CheckpointMade(_checkpoints.length - 1, marketBlock, marketHash, members, true, new bytes[](0));
    }

    /// @inheritdoc IEnergyLedger
    function renew(
        uint256 marketBlock,
        bytes32 marketHash,
        Member[] calldata members,
        Member[] calldata current,
        bytes[] calldata signatures
    ) external {
        uint256 id = _checkpoints.length;
        if (id == 0) revert EnergyLedger_NoCheckpoint();
        _requireQuorum(id - 1, current, hashCheckpoint(id, marketBlock, marketHash, members), signatures);
        _add(marketBlock, marketHash, members);

        emit CheckpointMade(id, marketBlock, marketHash, members, false, signatures);
    }

    /// @inheritdoc IEnergyLedger
    function hashCheckpoint(
        uint256 id,
        uint256 marketBlock,
        bytes32 marketHash,
        Member[] calldata members
    ) public view returns (bytes32) {
        bytes32 said = keccak256(
            abi.encode(Epochs.CHECKPOINT_TYPEHASH, id, marketBlock, marketHash, members.hash())
        );
        return _hashTypedDataV4(said);
    }

    /// @inheritdoc IEnergyLedger
    function checkpoint(uint256 id) public view returns (Checkpoint memory) {
        if (id >= _checkpoints.length) revert EnergyLedger_NoCheckpoint();
        return _checkpoints[id];
    }

    /// @inheritdoc IEnergyLedger
    function checkpointCount() public view returns (uint256) {
        return _checkpoints.length;
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _requireMembers(uint256 id, Member[] calldata members) internal view {
        if (members.hash() != checkpoint(id).membersHash) revert EnergyLedger_WrongMembers(id);
    }

    /// @dev Keys and signers ascend, so that nobody counts twice and both are read in one walk.
    /// @return signed Which of the members did.
    function _requireQuorum(
        uint256 id,
        Member[] calldata members,
        bytes32 digest,
        bytes[] calldata signatures
    ) internal view returns (bool[] memory signed) {
        _requireMembers(id, members);
        signed = new bool[](members.length);
        uint256 weight;
        uint256 next;
        for (uint256 i; i < signatures.length; ++i) {
            // A malformed signature recovers to the zero address, which is never a key.
            (address signer, , ) = ECDSA.tryRecover(digest, signatures[i]);
            while (next < members.length && members[next].key < signer) ++next;
            if (next == members.length || members[next].key != signer) {
                revert EnergyLedger_UnknownSigner(signer);
            }
            weight += members[next].weight;
            signed[next++] = true;
        }
        uint256 totalWeight = _checkpoints[id].totalWeight;
        if (3 * weight < 2 * totalWeight) revert EnergyLedger_QuorumNotReached(weight, totalWeight);
    }

    function _add(uint256 marketBlock, bytes32 marketHash, Member[] calldata members) private {
        if (members.length == 0 || members.length > MAX_MEMBERS) {
            revert EnergyLedger_BadMemberCount(members.length, MAX_MEMBERS);
        }
        uint256 id = _checkpoints.length;
        if (id > 0 && marketBlock <= _checkpoints[id - 1].marketBlock) {
            revert EnergyLedger_OldMarketBlock(marketBlock, _checkpoints[id - 1].marketBlock);
        }
        address before;
        uint256 totalWeight;
        for (uint256 i; i < members.length; ++i) {
            if (members[i].key <= before) revert EnergyLedger_NotAscending(before, members[i].key);
            if (members[i].weight == 0) revert EnergyLedger_ZeroWeight(members[i].key);
            before = members[i].key;
            totalWeight += members[i].weight;
        }
        _checkpoints.push(
            Checkpoint({
                marketHash: marketHash,
                membersHash: members.hash(),
                totalWeight: totalWeight.toUint160(),
                marketBlock: marketBlock.toUint48(),
                madeAt: uint48(block.timestamp)
            })
        );
        calledAt = 0;
    }
}
