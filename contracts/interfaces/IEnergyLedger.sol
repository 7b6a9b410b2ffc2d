// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Who may sign for the ledger, and how much its word weighs.
/// @param key A node's signing key on the market chain.
/// @param weight Its deposit in wei times its rating in basis points.
struct Member {
    address key;
    uint128 weight;
}

/// @notice The node keys that may sign, as the market chain had them at a named block.
/// @param marketHash Hash of that block, by which anybody can look the members up there.
/// @param membersHash `keccak256(abi.encode(Member[]))`, keys ascending.
/// @param totalWeight The members' weights together.
/// @param marketBlock Its number.
/// @param madeAt When the checkpoint was made, in seconds since 1970.
struct Checkpoint {
    bytes32 marketHash;
    bytes32 membersHash;
    uint160 totalWeight;
    uint48 marketBlock;
    uint48 madeAt;
}

/// @notice One job's readings, added up. Leaf of an epoch's `jobsRoot`: `keccak256(bytes.concat(keccak256(abi.encode(summary))))`.
/// @param job The job on the market chain.
/// @param readings How many readings of the job stand under the epoch's `readingsRoot`.
/// @param millijoules Their energy.
/// @param micrograms Their location-based emissions in microgrammes of CO2e.
/// @param commitment Poseidon commitment to the readings, for a certificate; zero where there is none.
struct JobSummary {
    bytes32 job;
    uint256 readings;
    uint256 millijoules;
    uint256 micrograms;
    bytes32 commitment;
}

/// @notice What is asked to be sealed, beside the list of its jobs.
/// @param index The epoch's place in the ledger, from 0.
/// @param checkpoint Whose weights count: the newest checkpoint.
/// @param prevHash Hash of the epoch before; zero for the first.
/// @param readingsRoot Over the leaves of all readings.
/// @param claimsRoot Over the leaves of what may be claimed as credit; zero where nothing is.
/// @param ratingRoot Over the nodes' ratings.
struct Proposal {
    uint256 index;
    uint256 checkpoint;
    bytes32 prevHash;
    bytes32 readingsRoot;
    bytes32 claimsRoot;
    bytes32 ratingRoot;
}

/// @notice A sealed epoch. Its hash is `keccak256(abi.encode(epoch))`.
/// @param jobsRoot Over the leaves of the summaries of its jobs.
/// @param readings How many readings it holds: the sum over its jobs, as are the next two.
/// @param proposer Who was drawn to propose it, and signed.
/// @param sealedAt Seconds since 1970.
struct LedgerEpoch {
    bytes32 prevHash;
    bytes32 readingsRoot;
    bytes32 claimsRoot;
    bytes32 jobsRoot;
    bytes32 ratingRoot;
    uint32 index;
    uint32 checkpoint;
    uint32 readings;
    uint80 millijoules;
    uint80 micrograms;
    address proposer;
    uint48 sealedAt;
}

/// @notice Whether an epoch was challenged. `Void` is final: nothing is ever built on such an epoch.
enum Standing {
    Unchallenged,
    Challenged,
    Upheld,
    Void
}

/// @title The energy ledger
/// @notice Append-only epochs of energy readings: each names the hash of the one before and is signed by nodes that hold two
/// thirds of the stake that counts. A transaction seals any number of readings; each job is in the ledger once.
/// @dev Trees are OpenZeppelin's: leaves are hashed twice, pairs in ascending order, an odd one out is promoted.
///
/// Trust: members with two thirds of a checkpoint's weight decide what is sealed and who may sign next. KEEPER_ROLE names the
/// first checkpoint, and another one only where the ledger stood still for {recoverySeconds}; every checkpoint names its market
/// block, so that a wrong one is seen. ARBITER_ROLE decides about challenged epochs and nothing else. The proposer of an epoch
/// could try several sets of signatures to sway the next draw: the draw decides who must sign, never what.
interface IEnergyLedger {
    error EnergyLedger_ZeroSeconds();
    error EnergyLedger_NoCheckpoint();
    error EnergyLedger_NotStuck(uint256 calledAt);
    error EnergyLedger_BadMemberCount(uint256 count, uint256 max);
    error EnergyLedger_NotAscending(address before, address key);
    error EnergyLedger_ZeroWeight(address key);
    error EnergyLedger_WrongMembers(uint256 checkpoint);
    error EnergyLedger_WrongCheckpoint(uint256 given, uint256 current);
    error EnergyLedger_OldMarketBlock(uint256 given, uint256 newest);
    /// @notice No member signed this, or the signatures are not in ascending order of their keys.
    error EnergyLedger_UnknownSigner(address signer);
    error EnergyLedger_QuorumNotReached(uint256 weight, uint256 totalWeight);
    error EnergyLedger_ProposerSilent(address proposer);
    error EnergyLedger_AlreadyCalled(uint256 calledAt);
    error EnergyLedger_WrongIndex(uint256 given, uint256 next);
    error EnergyLedger_WrongPrevHash(bytes32 given, bytes32 head);
    error EnergyLedger_NoReadings();
    error EnergyLedger_EmptyReference();
    error EnergyLedger_AlreadySealed(bytes32 job, uint256 index);
    error EnergyLedger_NotSealed(bytes32 job);
    error EnergyLedger_NoEpoch(uint256 index);
    error EnergyLedger_NotAMember(address account);
    error EnergyLedger_WindowClosed(uint256 index);
    error EnergyLedger_WrongStanding(uint256 index, Standing standing);

    /// @param anchored Whether KEEPER_ROLE named it, rather than a quorum of the checkpoint before.
    event CheckpointMade(
        uint256 indexed id,
        uint256 marketBlock,
        bytes32 marketHash,
        Member[] members,
        bool anchored,
        bytes[] signatures
    );
    event EpochSealed(
        uint256 indexed index,
        bytes32 indexed epochHash,
        LedgerEpoch epoch,
        JobSummary[] jobs,
        bytes[] signatures
    );
    event JobSealed(bytes32 indexed job, uint256 indexed index);
    event ProposerCalled(uint256 indexed index, uint256 calledAt);
    event EpochChallenged(uint256 indexed index, address indexed challenger, bytes32 reason);
    event EpochArbitrated(uint256 indexed index, Standing standing);

    /* --------------------------------------------- checkpoints --------------------------------------------- */

    /// @notice Names the first checkpoint, or another one where an epoch was called for and none was sealed within
    /// {recoverySeconds}. Only KEEPER_ROLE.
    /// @param members Up to {MAX_MEMBERS}, keys strictly ascending, weights above zero.
    function anchor(uint256 marketBlock, bytes32 marketHash, Member[] calldata members) external;

    /// @notice Replaces the newest checkpoint by a later one, signed by a quorum of it. Anyone may hand it in.
    /// @param current The members of the newest checkpoint.
    /// @param signatures Over {hashCheckpoint}, of current members, in ascending order of their keys.
    function renew(
        uint256 marketBlock,
        bytes32 marketHash,
        Member[] calldata members,
        Member[] calldata current,
        bytes[] calldata signatures
    ) external;

    /// @notice What is signed to make `members` the checkpoint `id`: EIP-712, domain `EcoDML` version `1`,
    /// `StakeCheckpoint(uint256 id,uint256 marketBlock,bytes32 marketHash,bytes32 membersHash)`.
    function hashCheckpoint(
        uint256 id,
        uint256 marketBlock,
        bytes32 marketHash,
        Member[] calldata members
    ) external view returns (bytes32);

    function checkpoint(uint256 id) external view returns (Checkpoint memory);

    /// @notice How many there are; the newest is the last.
    function checkpointCount() external view returns (uint256);

    /* ----------------------------------------------- sealing ----------------------------------------------- */

    /// @notice Appends an epoch. Anyone may hand it in, signed by members with two thirds of the weight, among them the one who
    /// was drawn to propose it. The sums and `jobsRoot` follow from `jobs`, no job of which may have been sealed before.
    /// @param members The members of the newest checkpoint.
    /// @param signatures Over {hashEpoch}, in ascending order of the signers' keys.
    function seal(
        Proposal calldata proposal,
        JobSummary[] calldata jobs,
        Member[] calldata members,
        bytes[] calldata signatures
    ) external returns (uint256 index);

    /// @notice Says that there is an epoch to seal which the drawn proposer does not sign. Anyone may; once for each epoch. From
    /// then on one more in the race may take its place for every {proposerSeconds} that pass.
    function callProposer() external;

    /// @notice What is signed about an epoch: EIP-712, domain `EcoDML` version `1`, `LedgerEpoch(uint256 index,uint256
    /// checkpoint,bytes32 prevHash,bytes32 readingsRoot,bytes32 claimsRoot,bytes32 jobsRoot,bytes32 ratingRoot,uint256
    /// readings,uint256 millijoules,uint256 micrograms)`.
    function hashEpoch(
        Proposal calldata proposal,
        JobSummary[] calldata jobs
    ) external view returns (bytes32);

    /// @notice The first `count` of the race for the next epoch; see {Sortition}, seed `keccak256(abi.encode(headHash, index))`.
    function race(Member[] calldata members, uint256 count) external view returns (address[] memory);

    /// @notice When the next epoch was called for; 0 when it was not.
    function calledAt() external view returns (uint256);

    /* ----------------------------------------------- reading ----------------------------------------------- */

    function epoch(uint256 index) external view returns (LedgerEpoch memory);

    function count() external view returns (uint256);

    /// @notice Hash of the newest epoch; zero when there is none.
    function headHash() external view returns (bytes32);

    /// @notice The epoch that a job was sealed in.
    function epochOf(bytes32 job) external view returns (uint256 index);

    function isSealed(bytes32 job) external view returns (bool);

    /// @notice Whether a leaf stands under the epoch's `readingsRoot`; false for an epoch that there is not.
    function verifyReading(
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata proof
    ) external view returns (bool);

    /// @notice Whether a leaf stands under the epoch's `claimsRoot`.
    function verifyClaim(uint256 index, bytes32 leaf, bytes32[] calldata proof) external view returns (bool);

    /// @notice Whether a leaf stands under the epoch's `jobsRoot`.
    function verifyJob(uint256 index, bytes32 leaf, bytes32[] calldata proof) external view returns (bool);

    /* --------------------------------------------- challenging --------------------------------------------- */

    /// @notice Holds an epoch up inside {challengeSeconds}: it is not final until the arbiter has decided. Only a member of the
    /// epoch's checkpoint, by its key, or ARBITER_ROLE; once.
    /// @param reason Hash of what is wrong, published elsewhere.
    /// @param members The members of the epoch's checkpoint; empty for the arbiter.
    function challenge(uint256 index, bytes32 reason, Member[] calldata members) external;

    /// @notice Decides about a challenged epoch. Only ARBITER_ROLE.
    /// @param stands Whether it stands; if not, nothing is ever issued from it.
    function arbitrate(uint256 index, bool stands) external;

    /// @notice Whether anything may be built on the epoch: its window is over without a challenge, or the arbiter upheld it.
    function isFinal(uint256 index) external view returns (bool);

    function standing(uint256 index) external view returns (Standing);

    function challengeSeconds() external view returns (uint64);

    function proposerSeconds() external view returns (uint64);

    function recoverySeconds() external view returns (uint64);
}
