// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {Publications} from "../../../../contracts/carbon/Publications.sol";
import {IPublications, Publication} from "../../../../contracts/interfaces/IPublications.sol";
import {ForgeBase} from "../ForgeBase.sol";

/// @dev publish: a training is found by its dataset and recipe, and never changed.
contract PublicationsTest is ForgeBase {
    Publications private _publications;

    function setUp() public {
        _publications = new Publications(address(this), address(this));
    }

    function testFuzz_publish__any_training__is_told_and_found(bytes32 job, Publication memory p) public {
        vm.assume(job != 0 && p.datasetHash != 0 && p.recipeHash != 0 && p.modelHash != 0);
        vm.expectEmit(address(_publications));
        emit IPublications.Published(job, p.datasetHash, p.recipeHash, p);
        _publications.publish(job, p);
        bytes32[] memory jobs = _publications.find(p.datasetHash, p.recipeHash);
        vm.assertEq(jobs.length, 1);
        vm.assertEq(jobs[0], job);
        vm.assertEq(keccak256(abi.encode(_publications.publicationOf(job))), keccak256(abi.encode(p)));
    }

    function test_publish__same_request_again__both_are_found_oldest_first() public {
        _publications.publish("first", _training("data", "recipe"));
        _publications.publish("second", _training("data", "recipe"));
        _publications.publish("other", _training("data", "another recipe"));
        bytes32[] memory jobs = _publications.find("data", "recipe");
        vm.assertEq(jobs.length, 2);
        vm.assertEq(jobs[0], "first");
        vm.assertEq(jobs[1], "second");
        vm.assertEq(_publications.find("recipe", "data").length, 0);
    }

    function test_publish__same_job_twice__refused_without_a_change() public {
        _publications.publish("job", _training("data", "recipe"));
        vm.expectRevert(
            abi.encodeWithSelector(IPublications.Publications_AlreadyPublished.selector, bytes32("job"))
        );
        _publications.publish("job", _training("other data", "recipe"));
        vm.assertEq(_publications.publicationOf("job").datasetHash, "data");
        vm.assertEq(_publications.find("other data", "recipe").length, 0);
    }

    function test_publish__something_is_empty__refused() public {
        Publication memory p = _training("data", "recipe");
        _refused(0, p);
        p.datasetHash = 0;
        _refused("job", p);
        p = _training("data", "recipe");
        p.recipeHash = 0;
        _refused("job", p);
        p = _training("data", "recipe");
        p.modelHash = 0;
        _refused("job", p);
    }

    function test_publicationOf__unpublished__refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(IPublications.Publications_NotPublished.selector, bytes32("job"))
        );
        _publications.publicationOf("job");
        vm.assertFalse(_publications.isPublished("job"));
    }

    function test_publish__by_a_stranger__refused() public {
        bytes32 role = _publications.PUBLISHER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, address(7), role)
        );
        vm.prank(address(7));
        _publications.publish("job", _training("data", "recipe"));
    }

    function _refused(bytes32 job, Publication memory p) private {
        vm.expectRevert(abi.encodeWithSelector(IPublications.Publications_EmptyReference.selector));
        _publications.publish(job, p);
    }

    function _training(bytes32 dataset, bytes32 recipe) private pure returns (Publication memory) {
        return Publication(dataset, recipe, "model", "metrics", 1, 2, 3);
    }
}
