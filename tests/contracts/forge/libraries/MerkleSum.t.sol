// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ForgeBase} from "../ForgeBase.sol";
import {Lists} from "../Lists.sol";
import {PayoutTree} from "../PayoutTree.sol";
import {MerkleSumCalls} from "./MerkleSumCalls.sol";

/// @dev The tree of payouts: every leaf proves itself, nothing else does, and no proof adds up to more.
contract MerkleSumTest is ForgeBase {
    using PayoutTree for PayoutTree.Tree;

    MerkleSumCalls private _calls = new MerkleSumCalls();

    function testFuzz_rootOf__every_leaf__the_same_root_and_sum(
        uint256 n,
        uint96 pool,
        uint256 seed
    ) public view {
        n = bound(n, 1, 33);
        (address[] memory payees, uint256[] memory amounts) = _payouts(n, pool, seed);
        PayoutTree.Tree memory tree = PayoutTree.build(payees, amounts);
        vm.assertEq(tree.total(), pool);
        for (uint256 i; i < n; ++i) {
            (bytes32[] memory siblings, uint256[] memory sums) = tree.proof(i);
            (bytes32 root, uint256 sum) = _calls.rootOf(i, payees[i], amounts[i], siblings, sums);
            vm.assertEq(root, tree.root());
            vm.assertEq(sum, pool);
        }
    }

    /// @param what Which part of a right proof is changed.
    function testFuzz_rootOf__anything_changed__another_root(
        uint256 n,
        uint256 index,
        uint256 what,
        uint256 level,
        uint256 change
    ) public view {
        n = bound(n, 3, 33);
        index = bound(index, 0, n - 1);
        (address[] memory payees, uint256[] memory amounts) = _payouts(n, 1 ether, change);
        PayoutTree.Tree memory tree = PayoutTree.build(payees, amounts);
        (bytes32[] memory siblings, uint256[] memory sums) = tree.proof(index);
        level = bound(level, 0, siblings.length - 1);
        change = bound(change, 1, 1e30);
        (uint256 at, address payee, uint256 amount) = (index, payees[index], amounts[index]);
        what = what % 6;
        if (what == 0) at += change;
        else if (what == 1) payee = address(uint160(payee) ^ uint160(change));
        else if (what == 2) amount += change;
        else if (what == 3) siblings[level] ^= bytes32(change);
        else if (what == 4) sums[level] += change;
        else (siblings, sums) = (_cut(siblings), Lists.split(0, sums.length - 1, 0));
        (bytes32 root, ) = _calls.rootOf(at, payee, amount, siblings, sums);
        vm.assertTrue(root != tree.root());
    }

    function test_rootOf__inner_node__never_passes_as_a_leaf() public view {
        (address[] memory payees, uint256[] memory amounts) = _payouts(4, 1 ether, 7);
        PayoutTree.Tree memory tree = PayoutTree.build(payees, amounts);
        // The words of the inner node, read as those of a leaf: kind, index, payee, amount.
        uint256 index = uint256(tree.hashes[0][0]);
        address payee = address(uint160(tree.sums[0][0]));
        bytes32[] memory siblings = new bytes32[](1);
        uint256[] memory sums = new uint256[](1);
        (siblings[0], sums[0]) = (tree.hashes[1][1], tree.sums[1][1]);
        (bytes32 root, ) = _calls.rootOf(index, payee, uint256(tree.hashes[0][1]) >> 128, siblings, sums);
        vm.assertTrue(root != tree.root());
        // Nor does its hash stand in for a leaf of the same index.
        (root, ) = _calls.rootOf(0, payees[0], tree.sums[1][0], siblings, sums);
        vm.assertTrue(root != tree.root());
    }

    function test_rootOf__leaf_and_node__hash_under_different_first_words() public view {
        (bytes32 leaf, ) = _calls.rootOf(5, address(6), 7, new bytes32[](0), new uint256[](0));
        vm.assertEq(leaf, keccak256(abi.encode(0, 5, 6, 7)));
        bytes32[] memory siblings = new bytes32[](1);
        uint256[] memory sums = new uint256[](1);
        (siblings[0], sums[0]) = ("sibling", 8);
        (bytes32 right, uint256 sum) = _calls.rootOf(5, address(6), 7, siblings, sums);
        vm.assertEq(right, keccak256(abi.encode(1, bytes32("sibling"), 8, leaf, 7)));
        vm.assertEq(sum, 15);
        (bytes32 left, ) = _calls.rootOf(4, address(6), 7, siblings, sums);
        leaf = keccak256(abi.encode(0, 4, 6, 7));
        vm.assertEq(left, keccak256(abi.encode(1, leaf, 7, bytes32("sibling"), 8)));
    }

    function testFuzz_rule3_rootOf__sums_that_overflow__refused(uint256 amount, uint256 above) public {
        amount = bound(amount, 1, type(uint256).max);
        uint256[] memory sums = new uint256[](1);
        sums[0] = bound(above, type(uint256).max - amount + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        _calls.rootOf(0, address(1), amount, new bytes32[](1), sums);
    }

    function _payouts(
        uint256 n,
        uint256 pool,
        uint256 seed
    ) private pure returns (address[] memory payees, uint256[] memory amounts) {
        payees = new address[](n);
        for (uint256 i; i < n; ++i) payees[i] = address(uint160(0x1000 + i));
        amounts = Lists.split(pool, n, seed);
    }

    function _cut(bytes32[] memory all) private pure returns (bytes32[] memory most) {
        most = new bytes32[](all.length - 1);
        for (uint256 i; i < most.length; ++i) most[i] = all[i];
    }
}
