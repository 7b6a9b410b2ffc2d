// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobEscrow} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {INodeStaking} from "../../../../contracts/interfaces/INodeStaking.sol";
import {ForgeBase, Log} from "../ForgeBase.sol";
import {SlowRace} from "../libraries/SlowRace.sol";
import {Lists} from "../Lists.sol";

/// @dev A third party with nothing but events, block hashes and the documentation. It asks the contracts nothing.
abstract contract Auditor is ForgeBase {
    using Lists for address[];

    struct Candidate {
        uint256 deposit;
        uint256 stakedBlock;
        uint256 baseline;
        uint256 quality;
        uint256 roles;
        uint256 frozen;
        address nodeKey;
        bool active;
    }

    struct Assignment {
        address[] trainers;
        address[] validators;
        address[] keys;
        bytes32 seed;
    }

    struct Settled {
        bytes32 resultHash;
        bytes32 evidenceHash;
        address[] payees;
        uint256[] amounts;
        bytes32[] scores;
        uint256 commission;
        bytes[] signatures;
    }

    struct SettledByRoot {
        bytes32 resultHash;
        bytes32 evidenceHash;
        bytes32 payoutRoot;
        uint256 payees;
        uint256 commission;
        bytes[] signatures;
    }

    struct Failed {
        bytes32 evidenceHash;
        address[] culprits;
        address[] honest;
        uint256 refund;
        bytes[] signatures;
    }

    bytes32 internal constant SETTLE_TYPE = keccak256(
        "SettleVerdict(bytes32 jobId,bytes32 resultHash,bytes32 evidenceHash,address[] payees,uint256[] amounts,bytes32[] scores)"
    );
    bytes32 internal constant PAYOUT_TYPE = keccak256(
        "PayoutVerdict(bytes32 jobId,bytes32 resultHash,bytes32 evidenceHash,bytes32 payoutRoot,uint256 payees)"
    );
    bytes32 internal constant FAIL_TYPE = keccak256(
        "FailVerdict(bytes32 jobId,bytes32 evidenceHash,address[] culprits)"
    );
    bytes32 private constant DOMAIN_TYPE = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    Log[] private _story;
    uint256[] private _blocks;
    address[] private _everybody;
    mapping(address provider => Candidate) private _candidates;

    /// @dev Writes down what has happened since the last time, all of it in this block.
    function keepLogs() internal {
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            _story.push(logs[i]);
            _blocks.push(block.number);
        }
    }

    /// @dev The events of one kind about one job, or about all when `jobId` is zero.
    function eventsOf(bytes32 kind, bytes32 jobId) internal view returns (Log[] memory found) {
        found = new Log[](_story.length);
        uint256 n;
        for (uint256 i; i < _story.length; ++i) {
            Log memory log = _story[i];
            if (log.topics[0] == kind && (jobId == 0 || log.topics[1] == jobId)) found[n++] = log;
        }
        assembly ("memory-safe") {
            mstore(found, n)
        }
    }

    function eventOf(bytes32 kind, bytes32 jobId) internal view returns (Log memory) {
        Log[] memory found = eventsOf(kind, jobId);
        vm.assertEq(found.length, 1, "events of a kind that happens once");
        return found[0];
    }

    /// @dev The data of an event, as the encoding of one struct.
    function asStruct(bytes memory data) internal pure returns (bytes memory) {
        return bytes.concat(bytes32(uint256(0x20)), data);
    }

    function opened(bytes32 jobId) internal view returns (address customer, uint256 fee, uint256 commission) {
        Log memory log = eventOf(IJobEscrow.JobOpened.selector, jobId);
        uint16 bps;
        (, , fee, , bps) = abi.decode(log.data, (bytes32, bytes32, uint256, uint48, uint16));
        customer = address(uint160(uint256(log.topics[2])));
        commission = (fee * bps) / 10_000;
        vm.assertEq(jobId, keccak256(abi.encode(customer, log.topics[3])));
    }

    /// @dev Who was drawn, after drawing again.
    function assignment(bytes32 jobId) internal returns (Assignment memory a) {
        Log memory log = eventOf(IJobEscrow.JobAssigned.selector, jobId);
        (a.trainers, a.validators, a.keys, a.seed) = abi.decode(
            log.data,
            (address[], address[], address[], bytes32)
        );
        log = eventOf(IJobEscrow.TrainersChosen.selector, jobId);
        (address[] memory chosen, uint48 seedBlock) = abi.decode(log.data, (address[], uint48));
        vm.assertEq(a.trainers, chosen);
        Log[] memory reseeds = eventsOf(IJobEscrow.JobReseeded.selector, jobId);
        if (reseeds.length > 0) seedBlock = abi.decode(reseeds[reseeds.length - 1].data, (uint48));
        vm.assertEq(a.seed, keccak256(abi.encode(blockhash(seedBlock), jobId)));
        (address customer, , ) = opened(jobId);
        vm.assertEq(a.validators, _drawAgain(a, seedBlock, customer, jobId));
        for (uint256 i; i < a.keys.length; ++i) {
            vm.assertEq(a.keys[i], _candidates[a.validators[i]].nodeKey);
        }
    }

    /// @dev Enough of the job's validators, each counted once, signed this.
    function requireQuorum(
        bytes32 content,
        bytes[] memory signatures,
        Assignment memory a,
        address escrow
    ) internal view {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPE, keccak256("EcoDML"), keccak256("1"), block.chainid, escrow)
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", domain, content));
        uint256 signed;
        for (uint256 i; i < signatures.length; ++i) {
            address signer = _recover(digest, signatures[i]);
            vm.assertEq(a.keys.count(signer), 1);
            for (uint256 k; k < a.keys.length; ++k) if (a.keys[k] == signer) signed |= 1 << k;
        }
        uint256 different;
        for (; signed > 0; signed >>= 1) different += signed & 1;
        vm.assertTrue(2 * different > a.keys.length, "a quorum signed");
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _drawAgain(
        Assignment memory a,
        uint256 seedBlock,
        address customer,
        bytes32 jobId
    ) private returns (address[] memory) {
        _replayUntil(jobId);
        uint256 n = _everybody.length;
        uint256[] memory weights = new uint256[](n);
        bool[] memory barred = new bool[](n);
        for (uint256 i; i < n; ++i) {
            address who = _everybody[i];
            Candidate storage c = _candidates[who];
            barred[i] = who == customer || a.trainers.count(who) == 1;
            if (!c.active || c.frozen > 0 || c.roles & 2 == 0 || c.stakedBlock >= seedBlock) continue;
            weights[i] = c.deposit * ((c.baseline + c.quality) / 2);
        }
        return SlowRace.draw(a.seed, _everybody, weights, barred, 3);
    }

    /// @dev The nodes as they stood when the job's validators were drawn.
    function _replayUntil(bytes32 jobId) private {
        for (uint256 i; i < _everybody.length; ++i) delete _candidates[_everybody[i]];
        delete _everybody;
        for (uint256 i; i < _story.length; ++i) {
            Log memory log = _story[i];
            if (log.topics[0] == IJobEscrow.JobAssigned.selector && log.topics[1] == jobId) return;
            if (log.topics.length < 2) continue;
            _replay(log, address(uint160(uint256(log.topics[1]))), _blocks[i]);
        }
    }

    function _replay(Log memory log, address who, uint256 number) private {
        bytes32 kind = log.topics[0];
        Candidate storage c = _candidates[who];
        if (kind == INodeStaking.NodeRegistered.selector) {
            (, uint8 roles, uint256 deposit) = abi.decode(log.data, (string, uint8, uint256));
            address nodeKey = address(uint160(uint256(log.topics[2])));
            _candidates[who] = Candidate(deposit, number, 5000, 5000, roles, 0, nodeKey, true);
            _everybody.push(who);
        } else if (kind == INodeStaking.DepositIncreased.selector) {
            (, c.deposit) = abi.decode(log.data, (uint256, uint256));
            c.stakedBlock = number;
        } else if (kind == INodeStaking.BaselineChanged.selector) {
            c.baseline = abi.decode(log.data, (uint32));
        } else if (kind == INodeStaking.NodeFrozen.selector) {
            ++c.frozen;
        } else if (kind == INodeStaking.ExitRequested.selector) {
            c.active = false;
        } else if (kind == IJobEscrow.JobSettled.selector) {
            _replayScores(log.data);
        }
    }

    function _replayScores(bytes memory data) private {
        (, , address[] memory payees, , bytes32[] memory scores, , ) = abi.decode(
            data,
            (bytes32, bytes32, address[], uint256[], bytes32[], uint256, bytes[])
        );
        uint256 best = 1;
        for (uint256 i; i < payees.length; ++i) {
            if (uint256(scores[i]) >> 224 > best) best = uint256(scores[i]) >> 224;
        }
        for (uint256 i; i < payees.length; ++i) {
            Candidate storage c = _candidates[payees[i]];
            c.quality = (7 * c.quality + (10_000 * (uint256(scores[i]) >> 224)) / best) / 8;
        }
    }

    function _recover(bytes32 digest, bytes memory signature) private pure returns (address) {
        vm.assertEq(signature.length, 65, "a signature has 65 bytes");
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return ecrecover(digest, uint8(signature[64]), r, s);
    }
}
