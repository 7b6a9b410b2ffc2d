// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Accusation, IJobEscrow, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {INodeStaking, NodeState} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Log} from "../ForgeBase.sol";

/// @dev An auditor who sees nothing of the market but its events, and follows all money from them.
contract EventBooks {
    struct JobRecord {
        address customer;
        uint256 fee;
        uint256 commissionBps;
        uint256 deadline;
        uint256 seedBlock;
        uint256 nextRound;
        Status status;
        bool released;
        address[] bound;
        address[] honest;
    }

    struct NodeRecord {
        bool known;
        NodeState state;
        address nodeKey;
        string name;
        uint256 roles;
        uint256 deposit;
        uint256 baseline;
        uint256 quality;
        uint256 exitAt;
        uint256 openJobs;
        uint256 frozen;
    }

    address private immutable _escrow;
    address private immutable _staking;

    mapping(bytes32 jobId => JobRecord) private _jobs;
    mapping(address provider => NodeRecord) private _nodes;
    mapping(bytes32 jobId => mapping(address node => Accusation)) public accusation;
    mapping(address account => uint256) public tokens;
    mapping(address account => uint256) public coins;
    uint256 public openFees;
    uint256 public credits;
    uint256 public deposits;
    uint256 public slashedCoins;
    uint256 public commissionBps;
    address private immutable _treasury;

    constructor(address escrow, address staking, address treasury) {
        (_escrow, _staking, _treasury) = (escrow, staking, treasury);
    }

    function read(Log[] calldata logs) external {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].emitter == _escrow) _readEscrow(logs[i].topics, logs[i].data);
            if (logs[i].emitter == _staking) _readStaking(logs[i].topics, logs[i].data);
        }
    }

    function job(bytes32 jobId) external view returns (JobRecord memory) {
        return _jobs[jobId];
    }

    function node(address provider) external view returns (NodeRecord memory) {
        return _nodes[provider];
    }

    /* ------------------------------------------------- escrow ---------------------------------------------- */

    function _readEscrow(bytes32[] calldata topics, bytes calldata data) private {
        bytes32 kind = topics[0];
        if (kind == IJobEscrow.CommissionChanged.selector) {
            commissionBps = abi.decode(data, (uint16));
        } else if (kind == IJobEscrow.Withdrawn.selector) {
            uint256 amount = abi.decode(data, (uint256));
            tokens[_account(topics[1])] -= amount;
            credits -= amount;
        } else if (topics.length > 1) {
            _readJob(kind, topics, data, _jobs[topics[1]]);
        }
    }

    function _readJob(
        bytes32 kind,
        bytes32[] calldata topics,
        bytes calldata data,
        JobRecord storage j
    ) private {
        if (kind == IJobEscrow.JobOpened.selector) {
            (, , uint256 fee, uint48 deadline, uint16 bps) = abi.decode(
                data,
                (bytes32, bytes32, uint256, uint48, uint16)
            );
            (j.customer, j.status) = (_account(topics[2]), Status.Open);
            (j.fee, j.deadline, j.commissionBps) = (fee, deadline, bps);
            openFees += fee;
        } else if (kind == IJobEscrow.TrainersChosen.selector) {
            (address[] memory trainers, uint48 seedBlock) = abi.decode(data, (address[], uint48));
            (j.status, j.seedBlock) = (Status.Drawing, seedBlock);
            _bind(j, trainers);
        } else if (kind == IJobEscrow.JobReseeded.selector) {
            j.seedBlock = abi.decode(data, (uint48));
        } else if (kind == IJobEscrow.JobAssigned.selector) {
            (, address[] memory validators, , ) = abi.decode(
                data,
                (address[], address[], address[], bytes32)
            );
            j.status = Status.Assigned;
            _bind(j, validators);
        } else if (kind == IJobEscrow.RoundRecorded.selector) {
            (uint32 round, ) = abi.decode(data, (uint32, bytes32));
            j.nextRound = round + 1;
        } else if (kind == IJobEscrow.JobReleased.selector) {
            _release(j);
        } else if (kind == IJobEscrow.PayoutClaimed.selector) {
            (, uint256 amount) = abi.decode(data, (uint256, uint256));
            tokens[_account(topics[2])] += amount;
        } else if (kind == IJobEscrow.UnclaimedReturned.selector) {
            tokens[_account(topics[2])] += abi.decode(data, (uint256));
        } else {
            _readEnd(kind, topics[1], data, j);
        }
    }

    function _readEnd(bytes32 kind, bytes32 jobId, bytes calldata data, JobRecord storage j) private {
        if (kind == IJobEscrow.JobSettled.selector) {
            _readSettled(data, j);
        } else if (kind == IJobEscrow.JobSettledByRoot.selector) {
            (, , , , uint256 commission, ) = abi.decode(
                data,
                (bytes32, bytes32, bytes32, uint256, uint256, bytes[])
            );
            _settle(j, commission);
        } else if (kind == IJobEscrow.JobFailed.selector) {
            (, address[] memory culprits, address[] memory honest, uint256 refund, ) = abi.decode(
                data,
                (bytes32, address[], address[], uint256, bytes[])
            );
            _refund(j, refund, Status.Failed);
            // Where nobody is accused nobody benefits.
            if (culprits.length > 0) j.honest = honest;
            _release(j);
            for (uint256 i; i < culprits.length; ++i) accusation[jobId][culprits[i]] = Accusation.Named;
        } else if (kind == IJobEscrow.JobCancelled.selector) {
            j.released = j.status == Status.Open;
            _refund(j, abi.decode(data, (uint256)), Status.Cancelled);
        } else if (kind == IJobEscrow.JobReclaimed.selector) {
            j.released = j.status == Status.Open;
            openFees -= abi.decode(data, (uint256));
            j.status = Status.Reclaimed;
        }
    }

    function _readSettled(bytes calldata data, JobRecord storage j) private {
        (
            ,
            ,
            address[] memory payees,
            uint256[] memory amounts,
            bytes32[] memory scores,
            uint256 commission,

        ) = abi.decode(data, (bytes32, bytes32, address[], uint256[], bytes32[], uint256, bytes[]));
        uint256 best = 1;
        for (uint256 i; i < scores.length; ++i) {
            if (uint256(scores[i]) >> 224 > best) best = uint256(scores[i]) >> 224;
        }
        for (uint256 i; i < payees.length; ++i) {
            tokens[payees[i]] += amounts[i];
            NodeRecord storage n = _nodes[payees[i]];
            n.quality = (7 * n.quality + (10_000 * (uint256(scores[i]) >> 224)) / best) / 8;
        }
        _settle(j, commission);
        _release(j);
    }

    function _settle(JobRecord storage j, uint256 commission) private {
        tokens[_treasury] += commission;
        openFees -= j.fee;
        credits += j.fee;
        j.status = Status.Settled;
    }

    function _refund(JobRecord storage j, uint256 amount, Status status) private {
        tokens[j.customer] += amount;
        openFees -= amount;
        credits += amount;
        j.status = status;
    }

    function _bind(JobRecord storage j, address[] memory more) private {
        for (uint256 i; i < more.length; ++i) {
            j.bound.push(more[i]);
            ++_nodes[more[i]].openJobs;
        }
    }

    function _release(JobRecord storage j) private {
        for (uint256 i; i < j.bound.length; ++i) --_nodes[j.bound[i]].openJobs;
        j.released = true;
    }

    /* ------------------------------------------------- staking --------------------------------------------- */

    function _readStaking(bytes32[] calldata topics, bytes calldata data) private {
        if (topics.length < 2) return;
        bytes32 kind = topics[0];
        address who = _account(topics[1]);
        NodeRecord storage n = _nodes[who];
        if (kind == INodeStaking.NodeRegistered.selector) {
            (n.name, n.roles, n.deposit) = abi.decode(data, (string, uint8, uint256));
            (n.state, n.nodeKey) = (NodeState.Active, _account(topics[2]));
            if (!n.known) (n.known, n.baseline, n.quality) = (true, 5000, 5000);
            deposits += n.deposit;
        } else if (kind == INodeStaking.DepositIncreased.selector) {
            uint256 amount;
            (amount, n.deposit) = abi.decode(data, (uint256, uint256));
            deposits += amount;
        } else if (kind == INodeStaking.ExitRequested.selector) {
            (n.state, n.exitAt) = (NodeState.Exiting, abi.decode(data, (uint64)));
        } else if (kind == INodeStaking.DepositWithdrawn.selector) {
            deposits -= abi.decode(data, (uint256));
            (n.state, n.deposit, n.exitAt, n.roles) = (NodeState.None, 0, 0, 0);
        } else if (kind == INodeStaking.NodeFrozen.selector) {
            ++n.frozen;
        } else if (kind == INodeStaking.NodeUnfrozen.selector) {
            --n.frozen;
        } else if (kind == INodeStaking.NodeSlashed.selector) {
            _slash(n, data);
        } else if (kind == INodeStaking.NodeBanned.selector) {
            n.state = NodeState.Banned;
        } else if (kind == INodeStaking.BaselineChanged.selector) {
            n.baseline = abi.decode(data, (uint32));
        } else if (kind == INodeStaking.CreditWithdrawn.selector) {
            uint256 amount = abi.decode(data, (uint256));
            coins[who] -= amount;
            slashedCoins -= amount;
        }
    }

    function _slash(NodeRecord storage n, bytes calldata data) private {
        (uint256 amount, address[] memory beneficiaries, uint256[] memory shares) = abi.decode(
            data,
            (uint256, address[], uint256[])
        );
        for (uint256 i; i < beneficiaries.length; ++i) coins[beneficiaries[i]] += shares[i];
        deposits -= amount;
        slashedCoins += amount;
        --n.frozen;
        (n.deposit, n.exitAt) = (0, 0);
    }

    function _account(bytes32 topic) private pure returns (address) {
        return address(uint160(uint256(topic)));
    }
}
