// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobEscrow} from "../../../contracts/escrow/JobEscrow.sol";
import {Crew, PayoutVerdict, SettleVerdict} from "../../../contracts/interfaces/IJobEscrow.sol";
import {NodeStaking} from "../../../contracts/staking/NodeStaking.sol";
import {DMLToken} from "../../../contracts/token/DMLToken.sol";

interface GasVm {
    function addr(uint256 key) external pure returns (address);
    function deal(address account, uint256 balance) external;
    function prank(address sender) external;
    function roll(uint256 number) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
    function warp(uint256 timestamp) external;
}

/// @dev What the money moves cost, each as a transaction of its own: with intrinsic gas, calldata and cold storage.
/// Forge writes the figures to build/forge/gas/market.json; `make gas` compares them with tests/contracts/gas.json.
/// "Known" are accounts that still hold credit from an earlier job.
/// forge-config: default.isolate = true
contract GasTest {
    GasVm private constant vm = GasVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant TRAINERS = 512;
    uint256 private constant KNOWN = 64;
    uint256 private constant VALIDATORS = 4;
    uint256 private constant FEE = 123.456789012345678901 ether;
    uint256 private constant CUSTOMER_KEY = 0xC0575;
    uint256 private constant PERMIT_DEADLINE = type(uint256).max;
    uint64 private constant DURATION = 1 hours;

    address private immutable _customer = vm.addr(CUSTOMER_KEY);
    address private immutable _operator = vm.addr(0x09E7A702);
    address private immutable _treasury = vm.addr(0x73EA5);

    DMLToken private _token;
    NodeStaking private _staking;
    JobEscrow private _escrow;
    uint256 private _nextRef;

    function setUp() public {
        vm.roll(1_000);
        vm.warp(1_790_000_000);
        _token = new DMLToken(address(this));
        _staking = new NodeStaking(address(this), 1 ether, 1 days);
        _escrow = new JobEscrow(
            _token,
            _staking,
            address(this),
            _operator,
            vm.addr(0xA2B17E2),
            _treasury,
            200,
            1 days
        );
        _staking.setEscrow(address(_escrow));
        _token.grantRole(_token.MINTER_ROLE(), address(this));
        _token.mint(_customer, 1_000_000 ether);
        for (uint256 i; i < TRAINERS; ++i) _register(_trainer(i), address(uint160(uint256(_word(i)))), 1);
        for (uint256 i; i < VALIDATORS; ++i) _register(_validator(i), vm.addr(_keyOf(_validator(i))), 2);
        _settleOf(_openAssigned(KNOWN), KNOWN);
    }

    function test_gas_open_job_with_permit() public {
        _openWithPermit(_customer, CUSTOMER_KEY);
        _openWithPermit(_customer, CUSTOMER_KEY);
        vm.snapshotGasLastCall("market", "openJobWithPermit");
    }

    function test_gas_open_job_with_permit_first_time() public {
        uint256 key = 0xF1857;
        _token.mint(vm.addr(key), FEE * 2);
        _openWithPermit(vm.addr(key), key);
        vm.snapshotGasLastCall("market", "openJobWithPermit, first time");
    }

    function test_gas_assign_4() public {
        _assigned(_open(), 4);
        vm.snapshotGasLastCall("market", "assign, 4 trainers");
    }

    function test_gas_draw() public {
        _openAssigned(4);
        vm.snapshotGasLastCall("market", "draw, 516 nodes");
    }

    function test_gas_settle_4() public {
        _settleOf(_openAssigned(4), 4);
        vm.snapshotGasLastCall("market", "settle, 4 known payees");
    }

    function test_gas_settle_16() public {
        _settleOf(_openAssigned(16), 16);
        vm.snapshotGasLastCall("market", "settle, 16 known payees");
    }

    function test_gas_settle_64() public {
        _settleOf(_openAssigned(64), 64);
        vm.snapshotGasLastCall("market", "settle, 64 known payees");
    }

    function test_gas_settle_by_root_65() public {
        _settleByRoot(65);
        vm.snapshotGasLastCall("market", "settleByRoot, 65 payees");
    }

    function test_gas_settle_by_root_512() public {
        _settleByRoot(512);
        vm.snapshotGasLastCall("market", "settleByRoot, 512 payees");
    }

    function test_gas_claim() public {
        (bytes32 jobId, uint256[] memory amounts) = _settleByRoot(512);
        (, bytes32[] memory siblings, uint256[] memory sums) = _tree(amounts, 300);
        _escrow.claim(jobId, 300, _trainer(300), amounts[300], siblings, sums);
        vm.snapshotGasLastCall("market", "claim, 1 of 512");
    }

    function test_gas_withdraw() public {
        _token.mint(_trainer(0), 1);
        vm.prank(_trainer(0));
        _escrow.withdraw();
        vm.snapshotGasLastCall("market", "withdraw");
    }

    function test_gas_withdraw_first_time() public {
        vm.prank(_trainer(0));
        _escrow.withdraw();
        vm.snapshotGasLastCall("market", "withdraw, first time");
    }

    /* ----------------------------------------------- people ------------------------------------------------ */

    /// @dev Ascending, and as full of non-zero bytes as real addresses, which calldata is priced by.
    function _trainer(uint256 i) private pure returns (address) {
        return address(uint160(((TRAINERS + i) << 150) | (uint256(_word(i)) >> 106)));
    }

    function _validator(uint256 i) private pure returns (address) {
        return address(uint160(uint256(_word(TRAINERS + i))));
    }

    function _keyOf(address validator) private pure returns (uint256) {
        return uint256(keccak256(abi.encode("node key", validator))) >> 1;
    }

    function _register(address provider, address nodeKey, uint8 role) private {
        vm.deal(provider, 1 ether);
        vm.prank(provider);
        _staking.register{value: 1 ether}(_nameOf(uint160(provider)), nodeKey, role);
    }

    function _nameOf(uint256 number) private pure returns (string memory) {
        bytes16 digits = "0123456789abcdef";
        bytes memory name = new bytes(16);
        for (uint256 i; i < 16; ++i) name[i] = digits[(number >> (4 * i)) & 15];
        return string(name);
    }

    function _word(uint256 i) private pure returns (bytes32) {
        return keccak256(abi.encode("gas", i));
    }

    /* ------------------------------------------------ jobs ------------------------------------------------- */

    function _open() private returns (bytes32) {
        bytes32 ref = _word(10_000 + _nextRef++);
        vm.prank(_customer);
        _token.approve(address(_escrow), FEE);
        vm.prank(_customer);
        _escrow.openJob(ref, _word(1), _word(2), FEE, uint64(block.timestamp) + DURATION);
        return _escrow.jobIdOf(_customer, ref);
    }

    function _openWithPermit(address customer, uint256 key) private {
        bytes32 ref = _word(10_000 + _nextRef++);
        bytes32 permit = keccak256(
            abi.encode(
                keccak256(
                    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
                ),
                customer,
                address(_escrow),
                FEE,
                _token.nonces(customer),
                PERMIT_DEADLINE
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            keccak256(abi.encodePacked(hex"1901", _token.DOMAIN_SEPARATOR(), permit))
        );
        uint64 deadline = uint64(block.timestamp) + DURATION;
        vm.prank(customer);
        _escrow.openJobWithPermit(ref, _word(1), _word(2), FEE, deadline, PERMIT_DEADLINE, v, r, s);
    }

    function _assigned(bytes32 jobId, uint256 count) private returns (address[] memory trainers) {
        trainers = _payees(count);
        vm.prank(_operator);
        _escrow.assign(jobId, trainers);
    }

    function _openAssigned(uint256 count) private returns (bytes32 jobId) {
        jobId = _open();
        address[] memory trainers = _assigned(jobId, count);
        vm.roll(block.number + 3);
        _escrow.draw(jobId, trainers);
    }

    function _settleOf(bytes32 jobId, uint256 count) private {
        SettleVerdict memory verdict = SettleVerdict(
            jobId,
            _word(3),
            _word(4),
            _payees(count),
            _amounts(count),
            new bytes32[](count)
        );
        for (uint256 i; i < count; ++i) verdict.scores[i] = _score(i);
        (Crew memory crew, bytes[] memory signatures) = _quorum(jobId, count, _escrow.hashSettle(verdict));
        _escrow.settle(verdict, crew, signatures);
    }

    function _settleByRoot(uint256 count) private returns (bytes32 jobId, uint256[] memory amounts) {
        jobId = _openAssigned(count);
        amounts = _amounts(count);
        (bytes32 root, , ) = _tree(amounts, 0);
        PayoutVerdict memory verdict = PayoutVerdict(jobId, _word(3), _word(4), root, count);
        (Crew memory crew, bytes[] memory signatures) = _quorum(jobId, count, _escrow.hashPayout(verdict));
        _escrow.settleByRoot(verdict, keccak256(abi.encodePacked(_payees(count))), crew, signatures);
    }

    function _payees(uint256 count) private pure returns (address[] memory payees) {
        payees = new address[](count);
        for (uint256 i; i < count; ++i) payees[i] = _trainer(i);
    }

    function _amounts(uint256 count) private pure returns (uint256[] memory amounts) {
        uint256 left = FEE - (FEE * 200) / 10_000;
        amounts = new uint256[](count);
        for (uint256 i; i + 1 < count; ++i) {
            amounts[i] = left / (count - i) + (uint256(_word(i)) % 1 gwei);
            left -= amounts[i];
        }
        amounts[count - 1] = left;
    }

    /// @dev Accuracy 0.97..., macro-F1 0.96..., no GPU, 60 000 examples, a minute, 400 J.
    function _score(uint256 i) private pure returns (bytes32) {
        return
            bytes32(
                ((970_123 + i) << 224) |
                    ((960_456 + i) << 192) |
                    (60_000 << 112) |
                    ((61_234 + i) << 64) |
                    (400_123 + i)
            );
    }

    /// @dev The job's validators are found by their commitment: four candidates, three drawn in some order.
    function _quorum(
        bytes32 jobId,
        uint256 count,
        bytes32 digest
    ) private view returns (Crew memory crew, bytes[] memory signatures) {
        bytes32 trainersHash = keccak256(abi.encodePacked(_payees(count)));
        bytes32 commitment = _escrow.job(jobId).commitment;
        for (uint256 code; code < VALIDATORS ** 3; ++code) {
            crew = Crew(new address[](3), new address[](3));
            for (uint256 i; i < 3; ++i) {
                crew.validators[i] = _validator((code / VALIDATORS ** i) % VALIDATORS);
                crew.keys[i] = vm.addr(_keyOf(crew.validators[i]));
            }
            if (_escrow.crewHash(trainersHash, crew) == commitment) break;
        }
        signatures = new bytes[](2);
        for (uint256 i; i < 2; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keyOf(crew.validators[i]), digest);
            signatures[i] = abi.encodePacked(r, s, v);
        }
    }

    /// @dev The Merkle sum tree over payouts to the first trainers, and the proof of one leaf.
    function _tree(
        uint256[] memory amounts,
        uint256 index
    ) private pure returns (bytes32 root, bytes32[] memory siblings, uint256[] memory siblingSums) {
        uint256 height;
        while (1 << height < amounts.length) ++height;
        bytes32[] memory nodes = new bytes32[](1 << height);
        uint256[] memory sums = new uint256[](1 << height);
        for (uint256 i; i < amounts.length; ++i) {
            nodes[i] = keccak256(abi.encode(0, i, _trainer(i), amounts[i]));
            sums[i] = amounts[i];
        }
        siblings = new bytes32[](height);
        siblingSums = new uint256[](height);
        for (uint256 level; level < height; ++level) {
            (siblings[level], siblingSums[level]) = (nodes[index ^ 1], sums[index ^ 1]);
            index >>= 1;
            for (uint256 i; i < 1 << (height - level - 1); ++i) {
                nodes[i] = keccak256(
                    abi.encode(1, nodes[2 * i], sums[2 * i], nodes[2 * i + 1], sums[2 * i + 1])
                );
                sums[i] = sums[2 * i] + sums[2 * i + 1];
            }
        }
        root = nodes[0];
    }
}
