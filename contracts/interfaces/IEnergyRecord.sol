// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The energy readings of one job, sealed.
/// @param jobRef The job on the market chain.
/// @param merkleRoot Root over the job's energy readings.
/// @param totalMillijoules Their sum.
/// @param prevHash Hash of the ledger epoch before; zero for the first.
struct RecordedEpoch {
    bytes32 jobRef;
    bytes32 merkleRoot;
    uint256 totalMillijoules;
    bytes32 prevHash;
}

/// @title The energy ledger
/// @notice Append-only: each ledger epoch names the hash of the one before, and none can be changed or removed.
/// @dev Trust: RECORDER_ROLE decides what is appended; the chain decides that it stays.
interface IEnergyRecord {
    error EnergyLedger_AlreadyRecorded(bytes32 jobRef, uint256 index);
    error EnergyLedger_EmptyReference();
    error EnergyLedger_NotRecorded(bytes32 jobRef);

    event EpochRecorded(
        uint256 indexed index,
        bytes32 indexed jobRef,
        bytes32 merkleRoot,
        uint256 totalMillijoules,
        bytes32 prevHash,
        bytes32 epochHash
    );

    /// @notice Appends a ledger epoch. Only RECORDER_ROLE; one for each job.
    function record(
        bytes32 jobRef,
        bytes32 merkleRoot,
        uint256 totalMillijoules
    ) external returns (uint256 index);

    function epoch(uint256 index) external view returns (RecordedEpoch memory);

    /// @notice The ledger epoch of a job, and its index.
    function epochOf(bytes32 jobRef) external view returns (uint256 index, RecordedEpoch memory);

    function isRecorded(bytes32 jobRef) external view returns (bool);

    function count() external view returns (uint256);

    /// @notice Hash of the newest ledger epoch: `keccak256(abi.encode(index, epoch))`; zero when there is none.
    function headHash() external view returns (bytes32);
}
