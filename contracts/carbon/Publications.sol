// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

import {IPublications, Publication} from "../interfaces/IPublications.sol";

/// @title Publications
/// @notice Trainings that need not be done again. See {IPublications}.
contract Publications is IPublications, AccessControl {
    bytes32 public constant PUBLISHER_ROLE = keccak256("PUBLISHER_ROLE");

    mapping(bytes32 job => Publication) private _publications;
    mapping(bytes32 request => bytes32[] jobs) private _jobs;

    constructor(address admin, address publisher) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(PUBLISHER_ROLE, publisher);
    }

    /// @inheritdoc IPublications
    function publish(bytes32 job, Publication calldata publication) external onlyRole(PUBLISHER_ROLE) {
        if (
            job == 0 ||
            publication.datasetHash == 0 ||
            publication.recipeHash == 0 ||
            publication.modelHash == 0
        ) revert Publications_EmptyReference();
        if (isPublished(job)) revert Publications_AlreadyPublished(job);

        _publications[job] = publication;
        _jobs[_request(publication.datasetHash, publication.recipeHash)].push(job);

        emit Published(job, publication.datasetHash, publication.recipeHash, publication);
    }

    /// @inheritdoc IPublications
    function find(bytes32 datasetHash, bytes32 recipeHash) external view returns (bytes32[] memory jobs) {
        return _jobs[_request(datasetHash, recipeHash)];
    }

    /// @inheritdoc IPublications
    function publicationOf(bytes32 job) external view returns (Publication memory) {
        if (!isPublished(job)) revert Publications_NotPublished(job);
        return _publications[job];
    }

    /// @inheritdoc IPublications
    function isPublished(bytes32 job) public view returns (bool) {
        return _publications[job].modelHash != 0;
    }

    function _request(bytes32 datasetHash, bytes32 recipeHash) private pure returns (bytes32) {
        return keccak256(abi.encode(datasetHash, recipeHash));
    }
}
