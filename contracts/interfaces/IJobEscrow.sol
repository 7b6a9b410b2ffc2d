// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A job's life: Open, Assigned, then exactly one of the last four. Nothing leaves those.
enum Status {
    None,
    Open,
    Assigned,
    Settled,
    Failed,
    Cancelled,
    Reclaimed
}

/// @notice What happened to one accusation.
enum Accusation {
    None,
    Named,
    Contested,
    Acquitted,
    Slashed
}

/// @notice One paid job.
/// @param customer Who paid, and who is refunded.
/// @param fee DML wei held for the job.
/// @param deadline Seconds since 1970; from then on anyone can return the fee to the customer.
/// @param openedBlock The block the job was opened in.
/// @param status See {Status}.
/// @param commissionBps The commission when the job was opened, in basis points of the fee.
/// @param nextRound The lowest round number that can still be recorded.
/// @param seedBlock The block whose hash seeds the draw of the validators.
/// @param specHash Hash of the training specification.
/// @param datasetHash Hash of the dataset.
struct Job {
    address customer;
    uint256 fee;
    uint64 deadline;
    uint64 openedBlock;
    Status status;
    uint16 commissionBps;
    uint32 nextRound;
    uint64 seedBlock;
    bytes32 specHash;
    bytes32 datasetHash;
}

/// @notice Signed by a quorum of the job's validators: the work is good, and who earns what.
/// @param payees Some or all of the job's trainers, each once.
/// @param amounts DML wei for each payee; together exactly the fee less the commission.
struct SettleVerdict {
    bytes32 jobId;
    bytes32 resultHash;
    bytes32 scoresHash;
    address[] payees;
    uint256[] amounts;
}

/// @notice Signed by a quorum of the job's validators: the work is not good, and who is to blame, if anyone.
/// @param culprits Some of the job's trainers, each once; may be empty.
struct FailVerdict {
    bytes32 jobId;
    bytes32 evidenceHash;
    bytes32 scoresHash;
    address[] culprits;
}

/// @title The money of the jobs
/// @notice Customers pay a fee into the escrow; it leaves as pay for verified work or as a full refund.
/// DML held = fees of open and assigned jobs + credits not yet withdrawn (+ whatever strangers sent here unasked).
///
/// @dev What is trusted with what:
/// - The operator chooses trainers, assigns and records rounds, and may cancel a job not yet assigned. It can
///   neither pay, slash nor keep anything. Trainers it names can not be validators, nothing more: their choice
///   does not reshuffle the draw of the others.
/// - A quorum of the validators drawn on chain decides how a job ends. {settle} and {fail} are open to anyone who
///   holds enough signatures, so that a finished job is paid even when the operator is gone.
/// - Whoever builds blocks can influence the seed of a draw by withholding a block. The operator can wait for a
///   seed to expire and take the next one; each time is a JobReseeded event and costs 256 blocks.
/// - The arbiter decides contested accusations only. When it stays silent, the accused goes free.
/// - The admin sets commission (capped) and treasury for later jobs, pauses new jobs, and hands out roles.
interface IJobEscrow {
    error JobEscrow_ZeroAddress();
    error JobEscrow_ZeroFee();
    error JobEscrow_CommissionTooHigh(uint16 bps, uint16 maxBps);
    error JobEscrow_BadDeadline(uint64 deadline, uint256 earliest, uint256 latest);
    error JobEscrow_AlreadyOpened(bytes32 jobId);
    error JobEscrow_WrongStatus(bytes32 jobId, Status status);
    error JobEscrow_NotCustomerOrOperator(address account);
    error JobEscrow_DeadlinePassed(bytes32 jobId, uint64 deadline);
    error JobEscrow_DeadlineNotReached(bytes32 jobId, uint64 deadline);
    error JobEscrow_SeedNotReady(bytes32 jobId, uint64 seedBlock);
    error JobEscrow_SeedExpired(bytes32 jobId, uint64 seedBlock);
    error JobEscrow_SeedStillGood(bytes32 jobId, uint64 seedBlock);
    error JobEscrow_BadTrainerCount(uint256 count, uint256 max);
    error JobEscrow_TrainerUnavailable(address trainer);
    error JobEscrow_NotATrainer(address account);
    error JobEscrow_NamedTwice(address account);
    error JobEscrow_NotEnoughValidators(uint256 available, uint256 needed);
    error JobEscrow_RoundOutOfOrder(bytes32 jobId, uint32 round, uint32 nextRound);
    error JobEscrow_WrongJob(bytes32 jobId, bytes32 verdictJobId);
    error JobEscrow_QuorumNotReached(uint256 signers, uint256 needed);
    error JobEscrow_LengthMismatch(uint256 payees, uint256 amounts);
    error JobEscrow_WrongSum(uint256 sum, uint256 expected);
    error JobEscrow_NotAccused(bytes32 jobId, address account, Accusation accusation);
    error JobEscrow_WindowClosed(bytes32 jobId, uint64 slashReadyAt);
    error JobEscrow_WindowOpen(bytes32 jobId, uint64 slashReadyAt);
    error JobEscrow_NothingToFinalize(bytes32 jobId);
    error JobEscrow_NothingToWithdraw(address account);

    event JobOpened(
        bytes32 indexed jobId,
        address indexed customer,
        bytes32 indexed ref,
        bytes32 specHash,
        bytes32 datasetHash,
        uint256 fee,
        uint64 deadline
    );
    event JobReseeded(bytes32 indexed jobId, uint64 seedBlock);
    event JobAssigned(bytes32 indexed jobId, address[] trainers, address[] validators, bytes32 seed);
    event RoundRecorded(bytes32 indexed jobId, uint32 round, bytes32 root);
    event JobSettled(
        bytes32 indexed jobId,
        bytes32 resultHash,
        bytes32 scoresHash,
        address[] payees,
        uint256[] amounts,
        uint256 commission
    );
    event JobFailed(
        bytes32 indexed jobId,
        bytes32 evidenceHash,
        bytes32 scoresHash,
        address[] culprits,
        address[] honest,
        uint256 refund
    );
    event JobCancelled(bytes32 indexed jobId, address indexed customer, uint256 refund);
    event JobReclaimed(bytes32 indexed jobId, address indexed customer, uint256 refund);
    event SlashContested(bytes32 indexed jobId, address indexed culprit, bytes32 evidence);
    event SlashArbitrated(bytes32 indexed jobId, address indexed culprit, bool guilty);
    event SlashLapsed(bytes32 indexed jobId, address indexed culprit);
    event SlashFinalized(
        bytes32 indexed jobId,
        address indexed culprit,
        uint256 amount,
        address[] honest,
        uint256[] shares
    );
    event Credited(address indexed account, bytes32 indexed jobId, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    event CommissionChanged(uint16 bps);
    event TreasuryChanged(address treasury);

    /* ------------------------------------------------ customer --------------------------------------------- */

    /// @notice Pays `fee` DML wei for a job. Needs an allowance.
    /// @dev `jobId = keccak256(abi.encode(sender, ref))`: the same reference cannot be paid twice.
    function openJob(
        bytes32 ref,
        bytes32 specHash,
        bytes32 datasetHash,
        uint256 fee,
        uint64 deadline
    ) external;

    /// @notice {openJob} with the allowance given by an EIP-2612 signature in the same transaction.
    function openJobWithPermit(
        bytes32 ref,
        bytes32 specHash,
        bytes32 datasetHash,
        uint256 fee,
        uint64 deadline,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Credits the customer with the full fee of a job that is not assigned yet. Customer or operator.
    function cancel(bytes32 jobId) external;

    /// @notice Sends the full fee back to the customer once the deadline has passed and the job has not ended.
    /// Anyone may call.
    function reclaim(bytes32 jobId) external;

    /* ------------------------------------------------ operator --------------------------------------------- */

    /// @notice Gives an open job its trainers and draws its validators among the others. Only the operator.
    /// @dev The seed is `keccak256(abi.encode(blockhash(seedBlock), jobId))`; candidates and weights are
    /// `staking.weights(2, seedBlock)`; the draw is {Sortition-draw}. The customer and the trainers are passed over.
    /// Trainers are 1 to 64. Three validators are drawn, or two when no third one can be.
    function assign(bytes32 jobId, address[] calldata trainers) external;

    /// @notice Takes a later block as seed, because the hash of the first is out of reach or because fewer than
    /// two validators had staked before it. Anyone may call.
    function reseed(bytes32 jobId) external;

    /// @notice Publishes the root of a finished round. Only the operator; round numbers only rise.
    function recordRound(bytes32 jobId, uint32 round, bytes32 root) external;

    /* ------------------------------------------------- verdict --------------------------------------------- */

    /// @notice Ends an assigned job by paying. Anyone with a verdict signed by a quorum of the job's validators.
    function settle(bytes32 jobId, SettleVerdict calldata verdict, bytes[] calldata signatures) external;

    /// @notice Ends an assigned job by refunding and accusing. Anyone with a verdict signed by a quorum.
    function fail(bytes32 jobId, FailVerdict calldata verdict, bytes[] calldata signatures) external;

    /* ------------------------------------------------ accusations ------------------------------------------ */

    /// @notice Stops a slash until the arbiter has decided. Only the accused, inside the contest window.
    function contest(bytes32 jobId, bytes32 evidence) external;

    /// @notice Decides a contested accusation. Only the arbiter.
    function arbitrate(bytes32 jobId, address culprit, bool guilty) external;

    /// @notice After the window: slashes and bans those who did not contest, and frees those whose contest the
    /// arbiter left undecided for ARBITRATION_TIMEOUT. Anyone may call.
    /// @dev The deposit is split equally among the trainers that were not named, as they stood at {fail}; if all
    /// were named, it goes to the treasury (never to validators, who would gain by naming everyone).
    function finalizeSlash(bytes32 jobId) external;

    /* ------------------------------------------------- credits --------------------------------------------- */

    /// @notice Pays the sender its credit.
    function withdraw() external;

    /// @notice Pays `account` its credit. Anyone may call; the money goes to the account.
    function withdrawFor(address account) external;

    /* -------------------------------------------------- admin ---------------------------------------------- */

    /// @notice Sets the commission of jobs opened from now on, at most 500 basis points.
    function setCommission(uint16 bps) external;

    function setTreasury(address treasury) external;

    /// @notice Refuses new jobs. Everything about existing jobs stays possible.
    function pause() external;

    function unpause() external;

    /* -------------------------------------------------- views ---------------------------------------------- */

    function jobIdOf(address customer, bytes32 ref) external pure returns (bytes32);

    function job(bytes32 jobId) external view returns (Job memory);

    function trainers(bytes32 jobId) external view returns (address[] memory);

    /// @notice The providers drawn as validators, in the order drawn.
    function validators(bytes32 jobId) external view returns (address[] memory);

    /// @notice Their node keys when they were drawn; only these can sign the job's verdict.
    function validatorKeys(bytes32 jobId) external view returns (address[] memory);

    /// @notice How many of `n` validators decide: more than half.
    function quorum(uint256 n) external pure returns (uint256);

    function hashSettle(SettleVerdict calldata verdict) external view returns (bytes32 digest);

    function hashFail(FailVerdict calldata verdict) external view returns (bytes32 digest);

    function culprits(bytes32 jobId) external view returns (address[] memory);

    function honest(bytes32 jobId) external view returns (address[] memory);

    function accusation(bytes32 jobId, address account) external view returns (Accusation);

    /// @notice When {finalizeSlash} becomes possible; 0 when nobody was named.
    function slashReadyAt(bytes32 jobId) external view returns (uint64);

    function credit(address account) external view returns (uint256);

    function totalCredits() external view returns (uint256);

    /// @notice Fees of the jobs that have not ended.
    function openFees() external view returns (uint256);

    function commissionBps() external view returns (uint16);

    function treasury() external view returns (address);

    /// @notice Seconds.
    function contestWindow() external view returns (uint64);
}
