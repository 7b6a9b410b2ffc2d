// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {INodeStaking, Node, NodeState} from "../../../../contracts/interfaces/INodeStaking.sol";
import {NodeStaking} from "../../../../contracts/staking/NodeStaking.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev register: unique names and keys, a deposit, and the banned never again.
contract RegisterTest is Market {
    using Lists for address[];

    address private _key = vm.addr(0xBEEF);

    function setUp() public {
        deployMarket();
        vm.deal(stranger, type(uint128).max);
    }

    function testFuzz_rule1_register__any_deposit_and_role__recorded(uint96 deposit, uint8 roles) public {
        deposit = uint96(bound(deposit, MIN_DEPOSIT, type(uint96).max));
        roles = uint8(bound(roles, 1, 3));
        vm.expectEmit(address(staking));
        emit INodeStaking.NodeRegistered(stranger, _key, "Node-1", roles, deposit);
        _register("Node-1", _key, roles, deposit);

        Node memory n = staking.node(stranger);
        vm.assertEq(n.name, "Node-1");
        vm.assertEq(n.nodeKey, _key);
        vm.assertEq(n.roles, roles);
        vm.assertEq(n.deposit, deposit);
        vm.assertEq(n.rating, 5_000);
        vm.assertTrue(n.state == NodeState.Active);
        vm.assertTrue(n.assignedJobs == 0 && n.frozen == 0 && n.exitAt == 0);
        vm.assertEq(staking.providerOf(_key), stranger);
        vm.assertEq(staking.totalActive(), 8 * MIN_DEPOSIT + deposit);
        vm.assertEq(staking.activeCount(), 9);
        vm.assertEq(staking.providers()[8], stranger);
        vm.assertTrue(staking.isAvailable(stranger, 1) == (roles & 1 != 0));
        vm.assertTrue(staking.isAvailable(stranger, 2) == (roles & 2 != 0));
    }

    function testFuzz_register__too_small_a_deposit__refused(uint256 deposit) public {
        deposit = bound(deposit, 0, MIN_DEPOSIT - 1);
        _refused(
            "node",
            _key,
            1,
            deposit,
            abi.encodeWithSelector(INodeStaking.NodeStaking_DepositTooSmall.selector, deposit, MIN_DEPOSIT)
        );
    }

    function test_register__deposit_beyond_all_coins__refused() public {
        uint256 deposit = 1 << 96;
        _refused(
            "node",
            _key,
            1,
            deposit,
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 96, deposit)
        );
    }

    function testFuzz_register__other_roles__refused(uint8 roles) public {
        vm.assume(roles == 0 || roles > 3);
        _refused(
            "node",
            _key,
            roles,
            MIN_DEPOSIT,
            abi.encodeWithSelector(INodeStaking.NodeStaking_BadRoles.selector, roles)
        );
    }

    function test_register__bad_name__refused() public {
        string[4] memory names = ["", "a b", "<script>", "0123456789012345678901234567890123456789x"];
        for (uint256 i; i < 4; ++i) {
            _refused(
                names[i],
                _key,
                1,
                MIN_DEPOSIT,
                abi.encodeWithSelector(INodeStaking.NodeStaking_BadName.selector, names[i])
            );
        }
    }

    function test_register__name_taken_in_any_case__refused() public {
        _register("Solar-Roof", _key, 1, MIN_DEPOSIT);
        vm.deal(customer, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_NameTaken.selector, "sOLAR-rOOF"));
        vm.prank(customer);
        staking.register{value: MIN_DEPOSIT}("sOLAR-rOOF", vm.addr(0xF00D), 1);
    }

    function test_register__no_key__refused() public {
        _refused(
            "node",
            address(0),
            1,
            MIN_DEPOSIT,
            abi.encodeWithSelector(INodeStaking.NodeStaking_BadNodeKey.selector, address(0))
        );
    }

    function test_register__key_taken__refused() public {
        address taken = vm.addr(keyOf(trainers[0]));
        _refused(
            "node",
            taken,
            1,
            MIN_DEPOSIT,
            abi.encodeWithSelector(INodeStaking.NodeStaking_NodeKeyTaken.selector, taken)
        );
    }

    function test_register__twice__refused() public {
        _register("node", _key, 1, MIN_DEPOSIT);
        bytes memory refusal = abi.encodeWithSelector(
            INodeStaking.NodeStaking_AlreadyRegistered.selector,
            stranger
        );
        _refused("other", vm.addr(0xF00D), 1, MIN_DEPOSIT, refusal);
        vm.prank(stranger);
        staking.requestExit();
        _refused("other", vm.addr(0xF00D), 1, MIN_DEPOSIT, refusal);
    }

    function test_rule4_register__banned_wallet_or_key__never_again() public {
        address culprit = trainers[0];
        address key = vm.addr(keyOf(culprit));
        _ban(culprit);
        vm.assertTrue(staking.isBanned(culprit) && staking.isBanned(key));
        bytes memory wallet = abi.encodeWithSelector(INodeStaking.NodeStaking_Banned.selector, culprit);
        vm.expectRevert(wallet);
        vm.prank(culprit);
        staking.register{value: MIN_DEPOSIT}("newcomer", _key, 1);
        _refused(
            "newcomer",
            key,
            1,
            MIN_DEPOSIT,
            abi.encodeWithSelector(INodeStaking.NodeStaking_Banned.selector, key)
        );
        // Nor does either return in the other's place.
        _refused("newcomer", culprit, 1, MIN_DEPOSIT, wallet);
        vm.deal(key, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_Banned.selector, key));
        vm.prank(key);
        staking.register{value: MIN_DEPOSIT}("newcomer", _key, 1);
    }

    function test_register__before_there_is_an_escrow__works_and_leaves() public {
        NodeStaking fresh = new NodeStaking(admin, MIN_DEPOSIT, UNBONDING);
        vm.prank(stranger);
        fresh.register{value: MIN_DEPOSIT}("node", _key, 3);
        vm.assertEq(fresh.node(stranger).assignedJobs, 0);
        vm.assertEq(fresh.node(stranger).rating, 5_000);
        (, uint256[] memory weights) = fresh.weights(2, block.number + 1);
        vm.assertEq(weights[0], MIN_DEPOSIT * 5_000);
        vm.prank(stranger);
        fresh.requestExit();
        vm.warp(block.timestamp + UNBONDING);
        vm.prank(stranger);
        fresh.withdraw();
        vm.assertEq(address(fresh).balance, 0);
    }

    function _ban(address culprit) private {
        bytes32 jobId = assignedJob("bad", 100, 2);
        fail(jobId, Lists.list(culprit));
        vm.warp(block.timestamp + CONTEST);
        escrow.finalizeSlash(jobId);
    }

    function _register(string memory name, address key, uint8 roles, uint256 deposit) private {
        vm.prank(stranger);
        staking.register{value: deposit}(name, key, roles);
    }

    function _refused(
        string memory name,
        address key,
        uint8 roles,
        uint256 deposit,
        bytes memory refusal
    ) private {
        vm.expectRevert(refusal);
        _register(name, key, roles, deposit);
    }
}
