// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

import {IEnergyRecord, RecordedEpoch} from "../interfaces/IEnergyRecord.sol";

/// @title EnergyLedger
/// @notice The energy readings of every job, sealed in order. See {IEnergyRecord}.
contract EnergyLedger is IEnergyRecord, AccessControl {
    bytes32 public constant RECORDER_ROLE = keccak256("RECORDER_ROLE");

    bytes32 public headHash;
    RecordedEpoch[] private _epochs;
    mapping(bytes32 jobRef => uint256) private _position;

    constructor(address admin, address recorder) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(RECORDER_ROLE, recorder);
    }

    /// @inheritdoc IEnergyRecord
    function record(
        bytes32 jobRef,
        bytes32 merkleRoot,
        uint256 totalMillijoules
    ) external onlyRole(RECORDER_ROLE) returns (uint256 index) {
        if (jobRef == 0) revert EnergyLedger_EmptyReference();
        if (isRecorded(jobRef)) revert EnergyLedger_AlreadyRecorded(jobRef, _position[jobRef] - 1);

        index = _epochs.length;
        RecordedEpoch memory added = RecordedEpoch(jobRef, merkleRoot, totalMillijoules, headHash);
        _epochs.push(added);
        // Positions start at 1, so that 0 means absent.
        _position[jobRef] = index + 1;
        headHash = keccak256(abi.encode(index, added));

        emit EpochRecorded(index, jobRef, merkleRoot, totalMillijoules, added.prevHash, headHash);
    }

    /// @inheritdoc IEnergyRecord
    function epoch(uint256 index) external view returns (RecordedEpoch memory) {
        return _epochs[index];
    }

    /// @inheritdoc IEnergyRecord
    function epochOf(bytes32 jobRef) external view returns (uint256 index, RecordedEpoch memory) {
        if (!isRecorded(jobRef)) revert EnergyLedger_NotRecorded(jobRef);
        index = _position[jobRef] - 1;
        return (index, _epochs[index]);
    }

    /// @inheritdoc IEnergyRecord
    function isRecorded(bytes32 jobRef) public view returns (bool) {
        return _position[jobRef] != 0;
    }

    /// @inheritdoc IEnergyRecord
    function count() external view returns (uint256) {
        return _epochs.length;
    }
}
