// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobEscrow} from "../../../contracts/escrow/JobEscrow.sol";
import {
    Crew,
    FailVerdict,
    IJobEscrow,
    PayoutVerdict,
    SettleVerdict,
    Status
} from "../../../contracts/interfaces/IJobEscrow.sol";
import {NodeStaking} from "../../../contracts/staking/NodeStaking.sol";
import {DMLToken} from "../../../contracts/token/DMLToken.sol";
import {ForgeBase, Log} from "./ForgeBase.sol";
import {Lists} from "./Lists.sol";

/// @dev A deployed market with four trainers, four validators and one customer, and the words to tell a job's story.
abstract contract Market is ForgeBase {
    using Lists for address[];

    uint256 internal constant NODES_PER_ROLE = 4;
    uint256 internal constant MIN_DEPOSIT = 0.1 ether;
    uint64 internal constant UNBONDING = 60;
    uint64 internal constant CONTEST = 8;
    uint16 internal constant COMMISSION = 200;
    uint256 internal constant START = 1_700_000_000;
    uint256 internal constant CUSTOMER_KEY = 0xA14;
    bytes32 internal constant RESULT = keccak256("result");
    bytes32 internal constant EVIDENCE = keccak256("evidence");
    Crew internal noCrew;

    address internal admin = address(this);
    address internal operator = vm.addr(0xA11);
    address internal arbiter = vm.addr(0xA12);
    address internal treasury = vm.addr(0xA13);
    address internal customer = vm.addr(CUSTOMER_KEY);
    address internal stranger = vm.addr(0xA15);

    DMLToken internal token;
    NodeStaking internal staking;
    JobEscrow internal escrow;
    /// @dev Both ascend, as the escrow wants lists of nodes.
    address[] internal trainers;
    address[] internal validators;

    mapping(bytes32 jobId => address[]) internal trainersOf;
    mapping(bytes32 jobId => Crew) internal crewOf;

    function deployMarket() internal {
        vm.roll(10);
        vm.warp(START);
        token = new DMLToken(admin);
        staking = new NodeStaking(admin, MIN_DEPOSIT, UNBONDING);
        escrow = new JobEscrow(token, staking, admin, operator, arbiter, treasury, COMMISSION, CONTEST);
        staking.setEscrow(address(escrow));
        token.grantRole(token.MINTER_ROLE(), admin);
        for (uint256 i; i < NODES_PER_ROLE; ++i) {
            trainers.push(joinAs(1, i));
            validators.push(joinAs(2, i));
        }
        vm.roll(11);
    }

    /* -------------------------------------------------- nodes ---------------------------------------------- */

    function joinAs(uint8 role, uint256 i) internal returns (address provider) {
        provider = address(uint160(uint256(role) * 0x100000 + i + 1));
        vm.deal(provider, 10_000 ether);
        register(provider, role);
    }

    function register(address provider, uint8 role) internal {
        vm.prank(provider);
        staking.register{value: MIN_DEPOSIT}(nameOf(provider), vm.addr(keyOf(provider)), role);
    }

    /// @dev The node key of a provider follows from its address, so that nothing has to be remembered.
    function keyOf(address provider) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("node key", provider))) >> 1;
    }

    function nameOf(address provider) internal pure returns (string memory) {
        bytes16 digits = "0123456789abcdef";
        bytes memory name = new bytes(40);
        for (uint256 i; i < 40; ++i) name[i] = digits[(uint160(provider) >> (4 * i)) & 15];
        return string(name);
    }

    /* --------------------------------------------------- jobs ---------------------------------------------- */

    function fund(address payer, uint256 fee) internal {
        token.mint(payer, fee);
        vm.prank(payer);
        token.approve(address(escrow), fee);
    }

    function openJob(bytes32 ref, uint256 fee, uint64 duration) internal returns (bytes32) {
        fund(customer, fee);
        vm.prank(customer);
        escrow.openJob(ref, keccak256("spec"), keccak256("data"), fee, uint64(block.timestamp) + duration);
        return escrow.jobIdOf(customer, ref);
    }

    function assignJob(bytes32 jobId, address[] memory chosen) internal {
        vm.prank(operator);
        escrow.assign(jobId, chosen);
        trainersOf[jobId] = chosen;
    }

    /// @dev Waits for the seed, draws, and remembers what the event said.
    function drawJob(bytes32 jobId) internal {
        uint256 ready = escrow.job(jobId).seedBlock + 1;
        if (block.number < ready) vm.roll(ready);
        vm.recordLogs();
        escrow.draw(jobId, trainersOf[jobId]);
        Log memory drawn = theLog(vm.getRecordedLogs(), IJobEscrow.JobAssigned.selector);
        (, address[] memory drawnValidators, address[] memory keys, ) = abi.decode(
            drawn.data,
            (address[], address[], address[], bytes32)
        );
        crewOf[jobId] = Crew(drawnValidators, keys);
    }

    /// @dev A job that the first `n` trainers work on.
    function assignedJob(bytes32 ref, uint256 fee, uint256 n) internal returns (bytes32 jobId) {
        jobId = drawingJob(ref, fee, n);
        drawJob(jobId);
    }

    function drawingJob(bytes32 ref, uint256 fee, uint256 n) internal returns (bytes32 jobId) {
        jobId = openJob(ref, fee, 600);
        assignJob(jobId, trainers.first(n));
    }

    function passDeadline(bytes32 jobId) internal {
        vm.warp(escrow.job(jobId).deadline);
    }

    function requireStatus(bytes32 jobId, Status expected) internal view {
        vm.assertEq(uint256(escrow.job(jobId).status), uint256(expected), "status");
    }

    /// @dev The fee of a job that opened at the usual commission, less that commission.
    function poolOf(uint256 fee) internal pure returns (uint256) {
        return fee - (fee * COMMISSION) / 10_000;
    }

    /* ------------------------------------------------- verdicts -------------------------------------------- */

    function settleVerdict(
        bytes32 jobId,
        uint256[] memory amounts
    ) internal view returns (SettleVerdict memory) {
        address[] memory payees = trainersOf[jobId];
        return SettleVerdict(jobId, RESULT, EVIDENCE, payees, amounts, scoresOf(payees.length));
    }

    function failVerdict(
        bytes32 jobId,
        address[] memory culprits
    ) internal pure returns (FailVerdict memory) {
        return FailVerdict(jobId, EVIDENCE, culprits);
    }

    /// @dev The first trainer scored 0.5, the next 0.6 and so on, with something in every other field.
    function scoresOf(uint256 n) internal pure returns (bytes32[] memory scores) {
        scores = new bytes32[](n);
        for (uint256 i; i < n; ++i) {
            uint256 rest = uint256(keccak256(abi.encode("score", i))) >> 32;
            scores[i] = bytes32(((500_000 + 100_000 * i) << 224) | rest);
        }
    }

    function settle(bytes32 jobId, uint256[] memory amounts) internal {
        SettleVerdict memory verdict = settleVerdict(jobId, amounts);
        escrow.settle(verdict, crewOf[jobId], quorumSigns(jobId, escrow.hashSettle(verdict)));
    }

    function settleByRoot(bytes32 jobId, bytes32 root) internal {
        PayoutVerdict memory verdict = PayoutVerdict(jobId, RESULT, EVIDENCE, root, trainersOf[jobId].length);
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashPayout(verdict));
        escrow.settleByRoot(verdict, hashOf(trainersOf[jobId]), crewOf[jobId], signatures);
    }

    function fail(bytes32 jobId, address[] memory culprits) internal {
        FailVerdict memory verdict = failVerdict(jobId, culprits);
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashFail(verdict));
        escrow.fail(verdict, trainersOf[jobId], crewOf[jobId], signatures);
    }

    function hashOf(address[] memory list) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(list));
    }

    /// @dev Signatures of just enough validators of the job.
    function quorumSigns(bytes32 jobId, bytes32 digest) internal view returns (bytes[] memory signatures) {
        address[] memory judges = crewOf[jobId].validators;
        signatures = new bytes[](judges.length / 2 + 1);
        for (uint256 i; i < signatures.length; ++i) signatures[i] = signs(keyOf(judges[i]), digest);
    }

    function signs(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
