// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    Accusation,
    FailVerdict,
    Job,
    SettleVerdict,
    Status
} from "../../../contracts/interfaces/IJobEscrow.sol";
import {NodeState} from "../../../contracts/interfaces/INodeStaking.sol";
import {Market} from "./Market.sol";

/// @dev The moves that forge makes at random, and what an outside bookkeeper writes down about them.
contract MarketHandler is Market {
    /// @dev The nodes, the customer and the treasury: everybody who can be owed something.
    uint256 private constant PEOPLE = 2 * NODES_PER_ROLE + 2;

    bytes32[] internal _jobIds;
    uint256 internal _nextRef;

    uint256 public feesPaidIn;
    uint256 public tokensPaidOut;
    uint256 public depositsPaidIn;
    uint256 public depositsPaidOut;
    uint256 public settledJobs;
    uint256 public failedJobs;
    uint256 public slashes;
    mapping(bytes32 jobId => Status) public finalStatus;
    bool public endedTwice;
    bool public wrongPayout;

    constructor() {
        deployMarket();
        depositsPaidIn = 2 * NODES_PER_ROLE * MIN_DEPOSIT;
    }

    /* -------------------------------------------------- jobs ----------------------------------------------- */

    function open(uint256 fee, uint256 duration) external {
        fee = bound(fee, 1, 1_000_000 ether);
        if (token.totalSupply() + fee > token.cap()) return;
        _jobIds.push(openJob(bytes32(++_nextRef), fee, uint64(bound(duration, 30, 600))));
        feesPaidIn += fee;
    }

    function assign(uint256 pick, uint256 mask) external {
        bytes32 jobId = _pick(pick, Status.Open);
        if (jobId == 0) return;
        assignJob(jobId, _subset(trainers, mask | (1 << (pick % NODES_PER_ROLE))));
    }

    function settle(uint256 pick, uint256 seed) external {
        bytes32 jobId = _pick(pick, Status.Assigned);
        if (jobId == 0) return;
        Job memory j = escrow.job(jobId);
        address[] memory payees = escrow.trainers(jobId);
        uint256[] memory amounts = new uint256[](payees.length);
        uint256 left = j.fee - (j.fee * j.commissionBps) / 10_000;
        for (uint256 i = 1; i < payees.length; ++i) {
            amounts[i] = bound(uint256(keccak256(abi.encode(seed, i))), 0, left);
            left -= amounts[i];
        }
        amounts[0] = left;
        SettleVerdict memory verdict = settleVerdict(jobId, payees, amounts);
        uint256 before = escrow.totalCredits();
        escrow.settle(jobId, verdict, quorumSigns(jobId, escrow.hashSettle(verdict)));
        _ended(jobId, Status.Settled);
        if (escrow.totalCredits() - before != j.fee) wrongPayout = true;
        ++settledJobs;
    }

    function fail(uint256 pick, uint256 mask) external {
        bytes32 jobId = _pick(pick, Status.Assigned);
        if (jobId == 0) return;
        FailVerdict memory verdict = failVerdict(jobId, _subset(escrow.trainers(jobId), mask));
        uint256 before = escrow.credit(customer);
        escrow.fail(jobId, verdict, quorumSigns(jobId, escrow.hashFail(verdict)));
        _ended(jobId, Status.Failed);
        if (escrow.credit(customer) - before != escrow.job(jobId).fee) wrongPayout = true;
        ++failedJobs;
    }

    function cancel(uint256 pick, bool byOperator) external {
        bytes32 jobId = _pick(pick, Status.Open);
        if (jobId == 0) return;
        vm.prank(byOperator ? operator : customer);
        escrow.cancel(jobId);
        _ended(jobId, Status.Cancelled);
    }

    function reclaim(uint256 pick) external {
        if (_jobIds.length == 0) return;
        bytes32 jobId = _jobIds[pick % _jobIds.length];
        uint256 before = token.balanceOf(customer);
        escrow.reclaim(jobId);
        _ended(jobId, Status.Reclaimed);
        uint256 fee = escrow.job(jobId).fee;
        if (token.balanceOf(customer) - before != fee) wrongPayout = true;
        tokensPaidOut += fee;
    }

    function withdraw(uint256 pick) external {
        address account = _anyone(pick);
        for (uint256 i = 1; i < PEOPLE && escrow.credit(account) == 0; ++i)
            account = _anyone((pick % PEOPLE) + i);
        uint256 amount = escrow.credit(account);
        escrow.withdrawFor(account);
        tokensPaidOut += amount;
    }

    /* ----------------------------------------------- accusations ------------------------------------------- */

    function contest(uint256 pick, uint256 who) external {
        (bytes32 jobId, address culprit) = _accused(pick, who, Accusation.Named);
        vm.prank(culprit);
        escrow.contest(jobId, "my side");
    }

    function arbitrate(uint256 pick, uint256 who, bool guilty) external {
        (bytes32 jobId, address culprit) = _accused(pick, who, Accusation.Contested);
        vm.prank(arbiter);
        escrow.arbitrate(jobId, culprit, guilty);
        if (guilty) ++slashes;
    }

    function finalizeSlash(uint256 pick) external {
        bytes32 jobId = _pick(pick, Status.Failed);
        if (jobId == 0) return;
        escrow.finalizeSlash(jobId);
        ++slashes;
    }

    /* -------------------------------------------------- nodes ---------------------------------------------- */

    function topUp(uint256 who, uint256 amount) external {
        amount = bound(amount, 0, 1 ether);
        vm.prank(_node(who));
        staking.topUp{value: amount}();
        depositsPaidIn += amount;
    }

    function requestExit(uint256 who) external {
        // Nodes mostly stay, or there would be nobody left to work.
        if (who % 4 != 0) return;
        vm.prank(_node(who >> 2));
        staking.requestExit();
    }

    function withdrawDeposit(uint256 who) external {
        address provider = _nodeIn(who, NodeState.Exiting);
        uint256 before = provider.balance;
        vm.prank(provider);
        staking.withdraw();
        depositsPaidOut += provider.balance - before;
    }

    function returnToWork(uint256 who) external {
        address provider = _nodeIn(who, NodeState.None);
        register(provider, _isTrainer(provider) ? 1 : 2);
        depositsPaidIn += MIN_DEPOSIT;
    }

    function withdrawSlashed(uint256 pick) external {
        address account = _anyone(pick);
        for (uint256 i = 1; i < PEOPLE && staking.credit(account) == 0; ++i)
            account = _anyone((pick % PEOPLE) + i);
        uint256 before = account.balance;
        staking.withdrawCreditFor(account);
        depositsPaidOut += account.balance - before;
    }

    function passTime(uint256 secs) external {
        secs = bound(secs, 1, 60);
        vm.warp(block.timestamp + secs);
        vm.roll(block.number + secs);
    }

    /* ------------------------------------------------- audits ---------------------------------------------- */

    function heldTokens() external view returns (uint256 held, uint256 owed) {
        return (token.balanceOf(address(escrow)), escrow.openFees() + escrow.totalCredits());
    }

    function heldDeposits() external view returns (uint256 held, uint256 owed) {
        return (
            address(staking).balance,
            staking.totalActive() + staking.totalUnbonding() + staking.totalSlashedUnclaimed()
        );
    }

    /// @dev The totals again, from the records one by one.
    function recounted() external view returns (bool) {
        uint256 open_;
        for (uint256 i; i < _jobIds.length; ++i) if (isLive(_jobIds[i])) open_ += escrow.job(_jobIds[i]).fee;
        uint256 credits = escrow.credit(customer) + escrow.credit(treasury);
        uint256 slashed = staking.credit(treasury);
        uint256 active;
        uint256 exiting;
        for (uint256 i; i < 2 * NODES_PER_ROLE; ++i) {
            address n = _node(i);
            credits += escrow.credit(n);
            slashed += staking.credit(n);
            if (staking.node(n).state == NodeState.Active) active += staking.node(n).deposit;
            if (staking.node(n).state == NodeState.Exiting) exiting += staking.node(n).deposit;
        }
        return
            open_ == escrow.openFees() &&
            credits == escrow.totalCredits() &&
            active == staking.totalActive() &&
            exiting == staking.totalUnbonding() &&
            slashed == staking.totalSlashedUnclaimed();
    }

    /// @dev Every node is bound to exactly the open jobs it works on, and frozen by exactly the open accusations.
    function boundAsRecorded() external view returns (bool) {
        for (uint256 i; i < 2 * NODES_PER_ROLE; ++i) {
            address n = _node(i);
            uint256 jobs;
            uint256 accusations;
            for (uint256 k; k < _jobIds.length; ++k) {
                bytes32 id = _jobIds[k];
                if (escrow.job(id).status == Status.Assigned) {
                    jobs += _count(escrow.trainers(id), n) + _count(escrow.validators(id), n);
                }
                Accusation a = escrow.accusation(id, n);
                if (a == Accusation.Named || a == Accusation.Contested) ++accusations;
            }
            if (staking.node(n).assignedJobs != jobs || staking.node(n).frozen != accusations) return false;
        }
        return true;
    }

    function statusesStand() external view returns (bool) {
        for (uint256 i; i < _jobIds.length; ++i) {
            Status recorded = finalStatus[_jobIds[i]];
            if (recorded != Status.None && escrow.job(_jobIds[i]).status != recorded) return false;
        }
        return true;
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _ended(bytes32 jobId, Status status) private {
        if (finalStatus[jobId] != Status.None) endedTwice = true;
        finalStatus[jobId] = status;
    }

    /// @dev The first job in `status` from a random place on, or zero.
    function _pick(uint256 from, Status status) private view returns (bytes32) {
        for (uint256 i; i < _jobIds.length; ++i) {
            bytes32 id = _jobIds[((from % _jobIds.length) + i) % _jobIds.length];
            if (escrow.job(id).status == status) return id;
        }
        return 0;
    }

    /// @dev The first accusation in `state` from a random place on, or zeros.
    function _accused(uint256 pick, uint256 who, Accusation state) private view returns (bytes32, address) {
        for (uint256 i; i < _jobIds.length; ++i) {
            bytes32 id = _jobIds[((pick % _jobIds.length) + i) % _jobIds.length];
            for (uint256 k; k < NODES_PER_ROLE; ++k) {
                address t = trainers[((who % NODES_PER_ROLE) + k) % NODES_PER_ROLE];
                if (escrow.accusation(id, t) == state) return (id, t);
            }
        }
        return (0, address(0));
    }

    function _subset(address[] memory all, uint256 mask) private pure returns (address[] memory chosen) {
        chosen = new address[](all.length);
        uint256 n;
        for (uint256 i; i < all.length; ++i) if ((mask >> i) & 1 == 1) chosen[n++] = all[i];
        assembly ("memory-safe") {
            mstore(chosen, n)
        }
    }

    function _node(uint256 pick) private view returns (address) {
        pick %= 2 * NODES_PER_ROLE;
        return pick < NODES_PER_ROLE ? trainers[pick] : validators[pick - NODES_PER_ROLE];
    }

    /// @dev The first node in `state` from a random place on, or just any.
    function _nodeIn(uint256 pick, NodeState state) private view returns (address n) {
        pick %= 2 * NODES_PER_ROLE;
        n = _node(pick);
        for (uint256 i = 1; i < 2 * NODES_PER_ROLE && staking.node(n).state != state; ++i)
            n = _node(pick + i);
    }

    function _anyone(uint256 pick) private view returns (address) {
        pick %= PEOPLE;
        if (pick == PEOPLE - 1) return customer;
        return pick == PEOPLE - 2 ? treasury : _node(pick);
    }

    function _isTrainer(address provider) private view returns (bool) {
        return _count(trainers, provider) == 1;
    }

    function _count(address[] memory all, address wanted) private pure returns (uint256 n) {
        for (uint256 i; i < all.length; ++i) if (all[i] == wanted) ++n;
    }
}
