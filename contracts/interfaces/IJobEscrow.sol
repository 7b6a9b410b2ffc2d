// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A job's life: Open, Drawing, Assigned, then exactly one of the last four. Nothing leaves those.
enum Status {
    None,
    Open,
    Drawing,
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

/// @notice One paid job, in three words of storage. What nobody has to read on chain is an event instead.
/// @param customer Who paid, and who is refunded.
/// @param deadline Seconds since 1970; from then on anyone can return the fee to the customer.
/// @param nextRound The lowest round number that can still be recorded.
/// @param fee DML wei held for the job.
/// @param openedBlock The block the job was opened in.
/// @param seedBlock The block whose hash seeds the draw of the validators; 0 until trainers are assigned.
/// @param commissionBps The commission when the job was opened, in basis points of the fee.
/// @param status See {Status}.
/// @param released Whether the job's nodes are free of it.
/// @param commitment Who works on the job: {IJobEscrow-crewHash}; zero before {IJobEscrow-assign} and once nobody is bound.
struct Job {
    address customer;
    uint48 deadline;
    uint32 nextRound;
    uint128 fee;
    uint48 openedBlock;
    uint48 seedBlock;
    uint16 commissionBps;
    Status status;
    bool released;
    bytes32 commitment;
}

/// @notice The providers drawn as validators of a job, and their node keys when they were drawn, in the same order.
struct Crew {
    address[] validators;
    address[] keys;
}

/// @notice Signed by a quorum of the job's validators: the work is good, and who earns what.
/// @param resultHash SHA-256 of the trained model.
/// @param evidenceHash Hash of the signed reports that the verdict follows from.
/// @param payees The job's trainers, all of them, as in JobAssigned.
/// @param amounts DML wei for each payee, some perhaps zero; together exactly the fee less the commission.
/// @param scores What each payee did, one word each: {Scores}.
struct SettleVerdict {
    bytes32 jobId;
    bytes32 resultHash;
    bytes32 evidenceHash;
    address[] payees;
    uint256[] amounts;
    bytes32[] scores;
}

/// @notice {SettleVerdict} for any number of payees: the amounts are the leaves of a Merkle sum tree.
/// @param payoutRoot Hash at the root of the tree; see {MerkleSum}. The sum at its root is the fee less the commission.
/// @param payees How many leaves the tree has.
struct PayoutVerdict {
    bytes32 jobId;
    bytes32 resultHash;
    bytes32 evidenceHash;
    bytes32 payoutRoot;
    uint256 payees;
}

/// @notice Signed by a quorum of the job's validators: the work is not good, and who is to blame, if anyone.
/// @param evidenceHash Hash of the signed reports that the verdict follows from.
/// @param culprits Some of the job's trainers, ascending; may be empty.
struct FailVerdict {
    bytes32 jobId;
    bytes32 evidenceHash;
    address[] culprits;
}

/// @title The money of the jobs
/// @notice Customers pay a fee into the escrow; it leaves as pay for verified work or as a full refund.
/// DML held = fees of jobs not ended + credits not yet withdrawn (+ whatever strangers sent here unasked).
///
/// @dev What is trusted with what:
/// - The operator chooses trainers, records rounds, and may cancel a job whose validators are not drawn. It can
///   neither mint, pay, refund elsewhere than to the customer, nor name a culprit. It chooses the trainers before
///   the seed of the draw exists, so it cannot steer who judges them.
/// - A quorum of the validators drawn on chain decides how a job ends. {settle}, {settleByRoot} and {fail} are open
///   to anyone who holds enough signatures, so that a finished job is paid even when the operator is gone.
/// - Whoever builds blocks can influence the seed of a draw by withholding a block. A seed expires after 256 blocks
///   in which nobody called {draw}, which anyone may.
/// - The arbiter decides contested accusations only. When it stays silent, the accused goes free.
/// - The admin sets the commission (capped) of later jobs, pauses new jobs, and hands out roles.
interface IJobEscrow {
    error JobEscrow_ZeroAddress();
    error JobEscrow_ZeroFee();
    error JobEscrow_CommissionTooHigh(uint16 bps, uint16 maxBps);
    error JobEscrow_BadDeadline(uint64 deadline, uint256 earliest, uint256 latest);
    error JobEscrow_AlreadyOpened(bytes32 jobId);
    error JobEscrow_WrongStatus(bytes32 jobId, Status status);
    error JobEscrow_NotCustomerOrOperator(address account);
    error JobEscrow_DrawPending(bytes32 jobId, uint48 seedBlock);
    error JobEscrow_DeadlinePassed(bytes32 jobId, uint48 deadline);
    error JobEscrow_DeadlineNotReached(bytes32 jobId, uint48 deadline);
    error JobEscrow_SeedNotReady(bytes32 jobId, uint48 seedBlock);
    error JobEscrow_SeedExpired(bytes32 jobId, uint48 seedBlock);
    error JobEscrow_SeedStillGood(bytes32 jobId, uint48 seedBlock);
    error JobEscrow_BadTrainerCount(uint256 count, uint256 max);
    error JobEscrow_WrongCrew(bytes32 jobId);
    error JobEscrow_NotEnoughValidators(uint256 available, uint256 needed);
    error JobEscrow_RoundOutOfOrder(bytes32 jobId, uint32 round, uint32 nextRound);
    error JobEscrow_QuorumNotReached(uint256 signers, uint256 needed);
    error JobEscrow_LengthMismatch(uint256 payees, uint256 amounts, uint256 scores);
    error JobEscrow_TooManyPayees(uint256 payees, uint256 max);
    error JobEscrow_WrongSum(uint256 sum, uint256 expected);
    error JobEscrow_AlreadyClaimed(bytes32 jobId, uint256 index);
    error JobEscrow_WrongProof(bytes32 jobId, uint256 index);
    error JobEscrow_ClaimsOpen(bytes32 jobId, uint64 claimableUntil);
    error JobEscrow_NothingUnclaimed(bytes32 jobId);
    error JobEscrow_AlreadyReleased(bytes32 jobId);
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
        uint48 deadline,
        uint16 commissionBps
    );
    event TrainersChosen(bytes32 indexed jobId, address[] trainers, uint48 seedBlock);
    event JobReseeded(bytes32 indexed jobId, uint48 seedBlock);
    event JobAssigned(
        bytes32 indexed jobId,
        address[] trainers,
        address[] validators,
        address[] validatorKeys,
        bytes32 seed
    );
    event RoundRecorded(bytes32 indexed jobId, uint32 round, bytes32 root);
    event JobSettled(
        bytes32 indexed jobId,
        bytes32 resultHash,
        bytes32 evidenceHash,
        address[] payees,
        uint256[] amounts,
        bytes32[] scores,
        uint256 commission,
        bytes[] signatures
    );
    event JobSettledByRoot(
        bytes32 indexed jobId,
        bytes32 resultHash,
        bytes32 evidenceHash,
        bytes32 payoutRoot,
        uint256 payees,
        uint256 commission,
        bytes[] signatures
    );
    event PayoutClaimed(bytes32 indexed jobId, address indexed payee, uint256 index, uint256 amount);
    event UnclaimedReturned(bytes32 indexed jobId, address indexed customer, uint256 amount);
    event JobFailed(
        bytes32 indexed jobId,
        bytes32 evidenceHash,
        address[] culprits,
        address[] honest,
        uint256 refund,
        bytes[] signatures
    );
    event JobCancelled(bytes32 indexed jobId, address indexed customer, uint256 refund);
    event JobReclaimed(bytes32 indexed jobId, address indexed customer, uint256 refund);
    event JobReleased(bytes32 indexed jobId);
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
    event Withdrawn(address indexed account, uint256 amount);
    event CommissionChanged(uint16 bps);

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

    /// @notice Credits the customer with the full fee of a job whose validators are not drawn yet. Customer or operator.
    /// @dev Refused while the seed of the draw can be read, or one could cancel and open anew until one likes the judges.
    function cancel(bytes32 jobId) external;

    /// @notice Sends the full fee back to the customer once the deadline has passed and the job has not ended.
    /// Anyone may call.
    function reclaim(bytes32 jobId) external;

    /* ----------------------------------------------- assignment -------------------------------------------- */

    /// @notice Gives an open job its trainers and fixes the block whose hash will draw its validators. Only the operator.
    /// @param trainers 1 to 512 available trainers, ascending.
    function assign(bytes32 jobId, address[] calldata trainers) external;

    /// @notice Draws the job's validators among the nodes that are neither its trainers nor its customer. Anyone may
    /// call, from the block after `seedBlock` on.
    /// @dev The seed is `keccak256(abi.encode(blockhash(seedBlock), jobId))`; candidates and weights are
    /// `staking.weights(2, seedBlock)`; the draw is {INodeStaking-draw}. Three validators are drawn, or two when no
    /// third one can be.
    /// @param trainers As assigned.
    function draw(bytes32 jobId, address[] calldata trainers) external;

    /// @notice Takes a later block as seed, because the hash of the first is out of reach or because fewer than
    /// two validators had staked before it. Anyone may call.
    function reseed(bytes32 jobId) external;

    /// @notice Publishes the root of a finished round. Only the operator; round numbers only rise.
    function recordRound(bytes32 jobId, uint32 round, bytes32 root) external;

    /// @notice Frees the nodes of an ended job that ended without their names: {cancel}, {reclaim}, {settleByRoot}.
    /// Anyone may call.
    /// @param crew As drawn; empty lists when the job was cancelled before the draw.
    function release(bytes32 jobId, address[] calldata trainers, Crew calldata crew) external;

    /* ------------------------------------------------- verdict --------------------------------------------- */

    /// @notice Ends an assigned job by paying at most 64 trainers. Anyone with a verdict signed by a quorum.
    /// @dev Each trainer's quality moves an eighth of the way to `10 000 x accuracy / best accuracy` of the job.
    function settle(SettleVerdict calldata verdict, Crew calldata crew, bytes[] calldata signatures) external;

    /// @notice Ends an assigned job by paying whoever proves a claim, at a cost that does not grow with their number.
    /// Anyone with a verdict signed by a quorum.
    /// @param trainersHash `keccak256(abi.encodePacked(trainers))`.
    function settleByRoot(
        PayoutVerdict calldata verdict,
        bytes32 trainersHash,
        Crew calldata crew,
        bytes[] calldata signatures
    ) external;

    /// @notice Credits one leaf of the payouts of a job settled by root. Anyone may call.
    /// @param siblings The sibling at each level, from the leaf up; zeros where there is none.
    /// @param sums Their sums, in the same order.
    function claim(
        bytes32 jobId,
        uint256 index,
        address payee,
        uint256 amount,
        bytes32[] calldata siblings,
        uint256[] calldata sums
    ) external;

    /// @notice Credits the customer with what nobody claimed of a job settled by root within CLAIM_PERIOD: pay that nobody wants,
    /// or that a wrong tree made unclaimable. Anyone may call.
    function returnUnclaimed(bytes32 jobId) external;

    /// @notice Ends an assigned job by refunding and accusing. Anyone with a verdict signed by a quorum.
    function fail(
        FailVerdict calldata verdict,
        address[] calldata trainers,
        Crew calldata crew,
        bytes[] calldata signatures
    ) external;

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

    /// @notice Refuses new jobs. Everything about existing jobs stays possible.
    function pause() external;

    function unpause() external;

    /* -------------------------------------------------- views ---------------------------------------------- */

    function jobIdOf(address customer, bytes32 ref) external pure returns (bytes32);

    function job(bytes32 jobId) external view returns (Job memory);

    /// @notice What {Job-commitment} holds from {assign} on: `keccak256(abi.encode(keccak256(abi.encodePacked(trainers)),
    /// keccak256(abi.encodePacked(validators)), keccak256(abi.encodePacked(keys))))`, with empty lists before {draw}.
    function crewHash(bytes32 trainersHash, Crew calldata crew) external pure returns (bytes32);

    /// @notice How many of `n` validators decide: more than half.
    function quorum(uint256 n) external pure returns (uint256);

    function hashSettle(SettleVerdict calldata verdict) external view returns (bytes32 digest);

    function hashPayout(PayoutVerdict calldata verdict) external view returns (bytes32 digest);

    function hashFail(FailVerdict calldata verdict) external view returns (bytes32 digest);

    /// @notice The root of the payouts of a job settled by root, or zero.
    function payoutRoot(bytes32 jobId) external view returns (bytes32);

    function isClaimed(bytes32 jobId, uint256 index) external view returns (bool);

    /// @notice DML wei of a job settled by root that can still be claimed, and until when; from then on it can be returned.
    function unclaimed(bytes32 jobId) external view returns (uint128 amount, uint64 claimableUntil);

    function culprits(bytes32 jobId) external view returns (address[] memory);

    function honest(bytes32 jobId) external view returns (address[] memory);

    function accusation(bytes32 jobId, address account) external view returns (Accusation);

    /// @notice When {finalizeSlash} becomes possible; 0 when nobody was named.
    function slashReadyAt(bytes32 jobId) external view returns (uint64);

    /// @notice DML wei that an account can withdraw.
    function credit(address account) external view returns (uint256);

    /// @notice What verdicts have shown of nodes, in basis points, 5 000 before the first.
    function qualityOf(address[] calldata providers) external view returns (uint256[] memory);

    /// @notice How many jobs bind a node; above zero its deposit stays.
    function openJobs(address provider) external view returns (uint256);

    /// @notice Credits that can be withdrawn or claimed.
    function totalCredits() external view returns (uint256);

    /// @notice Fees of the jobs that have not ended.
    function openFees() external view returns (uint256);

    function commissionBps() external view returns (uint16);

    function treasury() external view returns (address);

    /// @notice Seconds.
    function contestWindow() external view returns (uint64);
}
