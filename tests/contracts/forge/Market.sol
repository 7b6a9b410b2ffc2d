// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobEscrow} from "../../../contracts/escrow/JobEscrow.sol";
import {FailVerdict, Job, SettleVerdict, Status} from "../../../contracts/interfaces/IJobEscrow.sol";
import {NodeStaking} from "../../../contracts/staking/NodeStaking.sol";
import {DMLToken} from "../../../contracts/token/DMLToken.sol";
import {ForgeBase} from "./ForgeBase.sol";

/// @dev A deployed market with four trainers, four validators and one customer.
abstract contract Market is ForgeBase {
    uint256 internal constant NODES_PER_ROLE = 4;
    uint256 internal constant MIN_DEPOSIT = 0.1 ether;
    uint64 internal constant UNBONDING = 60;
    uint64 internal constant CONTEST = 8;
    uint16 internal constant COMMISSION = 200;
    bytes32 internal constant SCORES = keccak256("scores");

    address internal admin = address(this);
    address internal operator = vm.addr(0xA11);
    address internal arbiter = vm.addr(0xA12);
    address internal treasury = vm.addr(0xA13);
    address internal customer = vm.addr(0xA14);

    DMLToken internal token;
    NodeStaking internal staking;
    JobEscrow internal escrow;
    address[] internal trainers;
    address[] internal validators;

    function deployMarket() internal {
        vm.roll(10);
        vm.warp(1_700_000_000);
        token = new DMLToken(admin);
        staking = new NodeStaking(admin, MIN_DEPOSIT, UNBONDING);
        escrow = new JobEscrow(token, staking, admin, operator, arbiter, treasury, COMMISSION, CONTEST);
        staking.grantRole(staking.ESCROW_ROLE(), address(escrow));
        token.grantRole(token.MINTER_ROLE(), admin);
        for (uint256 i; i < NODES_PER_ROLE; ++i) {
            trainers.push(joinAs(1, i));
            validators.push(joinAs(2, i));
        }
    }

    function joinAs(uint8 role, uint256 i) internal returns (address provider) {
        provider = vm.addr(uint256(role) * 1000 + i + 1);
        vm.deal(provider, 10_000 ether);
        register(provider, role);
    }

    function register(address provider, uint8 role) internal {
        vm.prank(provider);
        staking.register{value: MIN_DEPOSIT}(nameOf(provider), vm.addr(keyOf(provider)), role);
    }

    function openJob(bytes32 ref, uint256 fee, uint64 duration) internal returns (bytes32) {
        token.mint(customer, fee);
        vm.prank(customer);
        token.approve(address(escrow), fee);
        vm.prank(customer);
        escrow.openJob(ref, keccak256("spec"), keccak256("data"), fee, uint64(block.timestamp) + duration);
        return escrow.jobIdOf(customer, ref);
    }

    function assignJob(bytes32 jobId, address[] memory chosen) internal {
        vm.roll(escrow.job(jobId).seedBlock + 1);
        vm.prank(operator);
        escrow.assign(jobId, chosen);
    }

    function settleVerdict(
        bytes32 jobId,
        address[] memory payees,
        uint256[] memory amounts
    ) internal pure returns (SettleVerdict memory) {
        return SettleVerdict(jobId, keccak256("result"), SCORES, payees, amounts);
    }

    function failVerdict(
        bytes32 jobId,
        address[] memory culprits
    ) internal pure returns (FailVerdict memory) {
        return FailVerdict(jobId, keccak256("evidence"), SCORES, culprits);
    }

    /// @dev Signatures of just enough validators of the job.
    function quorumSigns(bytes32 jobId, bytes32 digest) internal view returns (bytes[] memory signatures) {
        address[] memory judges = escrow.validators(jobId);
        signatures = new bytes[](escrow.quorum(judges.length));
        for (uint256 i; i < signatures.length; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(judges[i]), digest);
            signatures[i] = abi.encodePacked(r, s, v);
        }
    }

    function isLive(bytes32 jobId) internal view returns (bool) {
        Job memory j = escrow.job(jobId);
        return j.status == Status.Open || j.status == Status.Assigned;
    }

    /// @dev The node key of a provider follows from its address, so that nothing has to be remembered.
    function keyOf(address provider) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("node key", provider))) >> 1;
    }

    function nameOf(address provider) internal pure returns (string memory) {
        bytes16 digits = "0123456789abcdef";
        bytes memory name = new bytes(16);
        for (uint256 i; i < 16; ++i) name[i] = digits[(uint160(provider) >> (4 * i)) & 15];
        return string(name);
    }
}
