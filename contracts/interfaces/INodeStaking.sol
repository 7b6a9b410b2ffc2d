// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Where a provider stands. `None` before registering and again after a complete exit.
enum NodeState {
    None,
    Active,
    Exiting,
    Banned
}

/// @notice One provider's node.
/// @param name Unique among registered nodes, whatever the case of its letters.
/// @param nodeKey The address of the key the machine signs with.
/// @param roles Bit 0: trainer. Bit 1: validator.
/// @param deposit Wei of the chain's native coin.
/// @param rating Basis points, 0 to 10 000: the mean of what a benchmark and what verdicts showed.
/// @param assignedJobs Jobs the node is bound to, counted by the escrow.
/// @param frozen Accusations not yet decided; above zero nothing can be withdrawn.
/// @param exitAt When the deposit can be withdrawn, in seconds since 1970; 0 unless exiting.
struct Node {
    string name;
    address nodeKey;
    uint8 roles;
    uint256 deposit;
    uint32 rating;
    NodeState state;
    uint32 assignedJobs;
    uint32 frozen;
    uint64 exitAt;
}

/// @title Deposits of the node providers
/// @notice A provider locks a deposit in the chain's native coin, works, and can leave after an unbonding delay.
/// Deposits held = active + unbonding + slashed but unclaimed.
/// @dev Trust: the job escrow, named once and for ever, may freeze and slash; nobody else can touch a deposit, not
/// even the admin. RATER_ROLE may set baselines, half of the ratings that weigh in the draw; the admin hands it out.
interface INodeStaking {
    error NodeStaking_BadName(string name);
    error NodeStaking_NameTaken(string name);
    error NodeStaking_BadNodeKey(address nodeKey);
    error NodeStaking_NodeKeyTaken(address nodeKey);
    error NodeStaking_BadRoles(uint8 roles);
    error NodeStaking_BadBaseline(uint256 baseline);
    error NodeStaking_DepositTooSmall(uint256 deposit, uint256 minDeposit);
    error NodeStaking_AlreadyRegistered(address provider);
    error NodeStaking_Banned(address account);
    error NodeStaking_NotActive(address provider);
    error NodeStaking_NotExiting(address provider);
    error NodeStaking_StillUnbonding(address provider, uint64 exitAt);
    error NodeStaking_StillAssigned(address provider, uint256 assignedJobs);
    error NodeStaking_Frozen(address provider);
    error NodeStaking_NotFrozen(address provider);
    error NodeStaking_Unavailable(address provider, uint8 role);
    error NodeStaking_NotTheEscrow(address account);
    error NodeStaking_EscrowAlreadySet(address escrow);
    error NodeStaking_ZeroAddress();
    error NodeStaking_NothingToWithdraw(address account);
    error NodeStaking_NoBeneficiaries(address culprit);
    error NodeStaking_TransferFailed(address account);

    event NodeRegistered(
        address indexed provider,
        address indexed nodeKey,
        string name,
        uint8 roles,
        uint256 deposit
    );
    event DepositIncreased(address indexed provider, uint256 amount, uint256 deposit);
    event ExitRequested(address indexed provider, uint64 exitAt);
    event DepositWithdrawn(address indexed provider, uint256 amount);
    event NodeFrozen(address indexed provider);
    event NodeUnfrozen(address indexed provider);
    event NodeSlashed(address indexed provider, uint256 amount, address[] beneficiaries, uint256[] shares);
    event NodeBanned(address indexed provider);
    event BaselineChanged(address indexed provider, uint32 baseline);
    event EscrowSet(address escrow);
    event CreditWithdrawn(address indexed account, uint256 amount);

    /// @notice Registers the sender's node; the value sent is its deposit.
    /// @dev A wallet has one node. Banned wallets and keys are refused for ever. A wallet that left and returns
    /// keeps its rating.
    /// @param name 1 to 40 characters out of letters, digits, `-`, `_` and `.`.
    function register(string calldata name, address nodeKey, uint8 roles) external payable;

    /// @notice Adds to the sender's deposit. Only while active, and more than nothing.
    function topUp() external payable;

    /// @notice Starts the sender's unbonding. Work already assigned continues; no new work is assigned.
    function requestExit() external;

    /// @notice Pays the sender's whole deposit back, after unbonding, while neither assigned nor frozen.
    function withdraw() external;

    /// @notice Pays the sender its credit from slashed deposits.
    function withdrawCredit() external;

    /// @notice Pays `account` its credit from slashed deposits. Anyone may call; the money goes to the account.
    function withdrawCreditFor(address account) external;

    /// @notice Names the job escrow. Only the admin, and only once.
    function setEscrow(address escrow) external;

    /// @notice Keeps the deposits of accused nodes in place until each is unfrozen or slashed. Only the escrow.
    function freeze(address[] calldata culprits) external;

    /// @notice Takes back one {freeze} of a node found innocent. Only the escrow.
    function unfreeze(address provider) external;

    /// @notice Takes a frozen node's whole deposit, splits it equally into credits and bans wallet and key for life.
    /// @dev Only the escrow. A node already banned loses nothing more. Odd wei go to the first beneficiaries.
    function slash(
        address culprit,
        address[] calldata beneficiaries
    ) external returns (uint256 amount, uint256[] memory shares);

    /// @notice Sets what a benchmark showed of a node, in basis points. Only RATER_ROLE.
    function setBaseline(address provider, uint32 baseline) external;

    function node(address provider) external view returns (Node memory);

    /// @notice The wallet behind a node key, or zero.
    function providerOf(address nodeKey) external view returns (address);

    /// @notice The wallets of the active nodes. The order changes when one leaves.
    function providers() external view returns (address[] memory);

    function activeCount() external view returns (uint256);

    /// @notice Whether a node can be assigned to a new job in `role` (1 or 2).
    function isAvailable(address provider, uint8 role) external view returns (bool);

    /// @notice Reverts unless every one of `nodes` can be assigned to a new job in `role`.
    function requireAvailable(address[] calldata nodes, uint8 role) external view;

    /// @notice Draws up to `count` validators, weighted as in {weights}; see {Sortition-draw}.
    /// @param customer Passed over, and so are the `trainers`, who ascend.
    /// @return nodes The providers in the order drawn.
    /// @return keys Their node keys.
    function draw(
        bytes32 seed,
        uint256 stakedBefore,
        address customer,
        address[] calldata trainers,
        uint256 count
    ) external view returns (address[] memory nodes, address[] memory keys);

    /// @notice How many validators have a weight in a draw.
    function countValidators(uint256 stakedBefore) external view returns (uint256);

    /// @notice The active nodes, with the weight each has in a draw for `role`: deposit x rating, or zero
    /// for those that are frozen, lack the role, or staked in block `stakedBefore` or later.
    function weights(
        uint8 role,
        uint256 stakedBefore
    ) external view returns (address[] memory nodes, uint256[] memory weightOf);

    function escrow() external view returns (address);

    function isBanned(address account) external view returns (bool);

    /// @notice Wei an account can withdraw from slashed deposits.
    function credit(address account) external view returns (uint256);

    function minDeposit() external view returns (uint256);

    /// @notice Seconds between {requestExit} and {withdraw}.
    function unbondingPeriod() external view returns (uint64);

    function totalActive() external view returns (uint256);

    function totalUnbonding() external view returns (uint256);

    function totalSlashedUnclaimed() external view returns (uint256);
}
