// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @dev One event as the chain kept it.
struct Log {
    bytes32[] topics;
    bytes data;
    address emitter;
}

interface Vm {
    function prank(address) external;
    function startPrank(address) external;
    function stopPrank() external;
    function warp(uint256) external;
    function roll(uint256) external;
    function chainId(uint256) external;
    function deal(address, uint256) external;
    function setBlockhash(uint256, bytes32) external;
    function expectRevert() external;
    function expectRevert(bytes calldata) external;
    function expectEmit(address) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function snapshotState() external returns (uint256);
    function revertToState(uint256) external returns (bool);
    function addr(uint256) external pure returns (address);
    function sign(uint256, bytes32) external pure returns (uint8, bytes32, bytes32);
    function assertEq(uint256, uint256) external pure;
    function assertEq(uint256, uint256, string calldata) external pure;
    function assertEq(address, address) external pure;
    function assertEq(bytes32, bytes32) external pure;
    function assertEq(bytes32, bytes32, string calldata) external pure;
    function assertEq(string calldata, string calldata) external pure;
    function assertEq(string calldata, string calldata, string calldata) external pure;
    function assertEq(address[] calldata, address[] calldata) external pure;
    function assertEq(uint256[] calldata, uint256[] calldata) external pure;
    function assertTrue(bool) external pure;
    function assertTrue(bool, string calldata) external pure;
    function assertFalse(bool) external pure;
    function assertFalse(bool, string calldata) external pure;
    function assertLe(uint256, uint256) external pure;
    function assertGe(uint256, uint256) external pure;
    function assume(bool) external pure;
}

/// @dev npm has no usable forge-std; this is the part of it that the tests need.
abstract contract ForgeBase {
    // The constant's name is a convention of every forge test.
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;
    address[] private _targets;

    /// @dev Forge asks which contracts its random calls go to.
    function targetContracts() public view returns (address[] memory) {
        return _targets;
    }

    function targetContract(address target) internal {
        _targets.push(target);
    }

    function bound(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return high - low == type(uint256).max ? x : low + (x % (high - low + 1));
    }

    /// @dev The one event of that kind among `logs`.
    function theLog(Log[] memory logs, bytes32 signature) internal pure returns (Log memory found) {
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != signature) continue;
            found = logs[i];
            ++count;
        }
        vm.assertEq(count, 1, "expected exactly one such event");
    }
}
