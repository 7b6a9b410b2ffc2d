// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A finished training that its customer lets others use: hashes and what it cost, nothing of the data.
/// @param datasetHash SHA-256 of the dataset's file.
/// @param recipeHash SHA-256 of what was asked to be trained, without seed, pay and budget.
/// @param modelHash SHA-256 of the weights, which is the job's result hash on the market chain.
/// @param metricsHash SHA-256 of the metrics' file: accuracy, macro-F1, loss and confusion matrix on data not trained on.
/// @param millijoules What the training took.
/// @param micrograms What that emitted, location-based, in microgrammes of CO2e.
/// @param feeWei What the customer paid, in wei of the market chain's token.
struct Publication {
    bytes32 datasetHash;
    bytes32 recipeHash;
    bytes32 modelHash;
    bytes32 metricsHash;
    uint128 millijoules;
    uint128 micrograms;
    uint256 feeWei;
}

/// @title Published trainings
/// @notice Who wants a training that was published finds it here by its dataset and recipe, and need not train it again.
/// @dev Trust: PUBLISHER_ROLE decides what is listed. Whether it is true can be held against the market chain, where the job's
/// dataset hash and result hash stand, and against the energy ledger. Nothing is ever changed or removed.
interface IPublications {
    error Publications_EmptyReference();
    error Publications_AlreadyPublished(bytes32 job);
    error Publications_NotPublished(bytes32 job);

    event Published(
        bytes32 indexed job,
        bytes32 indexed datasetHash,
        bytes32 indexed recipeHash,
        Publication publication
    );

    /// @notice Lists a job's training. Only PUBLISHER_ROLE; once for each job.
    function publish(bytes32 job, Publication calldata publication) external;

    /// @notice The jobs that trained this recipe on this dataset, oldest first.
    function find(bytes32 datasetHash, bytes32 recipeHash) external view returns (bytes32[] memory jobs);

    /// @notice What a job published.
    function publicationOf(bytes32 job) external view returns (Publication memory);

    function isPublished(bytes32 job) external view returns (bool);
}
