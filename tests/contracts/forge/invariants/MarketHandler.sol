// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Accusation, Job} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Node, NodeState} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Lists} from "../Lists.sol";
import {PayoutTree} from "../PayoutTree.sol";
import {AccusationMoves} from "./AccusationMoves.sol";
import {EventBooks} from "./EventBooks.sol";
import {ForgeryMoves} from "./ForgeryMoves.sol";
import {JobMoves} from "./JobMoves.sol";
import {NodeMoves} from "./NodeMoves.sol";
import {VerdictMoves} from "./VerdictMoves.sol";

/// @dev The moves that forge makes at random, and the audits that the invariants ask for. An audit reverts when the
/// contracts and the books differ.
contract MarketHandler is JobMoves, VerdictMoves, ForgeryMoves, AccusationMoves, NodeMoves {
    using Lists for address[];
    using PayoutTree for PayoutTree.Tree;

    constructor() {
        staking.grantRole(staking.RATER_ROLE(), admin);
    }

    function auditTokens() external view {
        uint256 fees;
        uint256 credits = unclaimedTokens;
        for (uint256 i; i < jobIds.length; ++i) if (isLive(jobIds[i])) fees += jobBook[jobIds[i]].fee;
        for (uint256 i; i < people.length; ++i) {
            vm.assertEq(escrow.credit(people[i]), owedTokens[people[i]], "credit");
            credits += owedTokens[people[i]];
        }
        vm.assertEq(escrow.openFees(), fees, "openFees");
        vm.assertEq(escrow.totalCredits(), credits, "totalCredits");
        vm.assertEq(token.balanceOf(address(escrow)), fees + credits, "tokens held");
        vm.assertEq(tokensIn, fees + credits + tokensOut, "tokens in = held + out");
    }

    function auditDeposits() external view {
        uint256 listed;
        uint256 active;
        uint256 unbonding;
        uint256 credits;
        for (uint256 i; i < nodes.length; ++i) {
            NodeBook storage book = nodeBook[nodes[i]];
            Node memory n = staking.node(nodes[i]);
            vm.assertEq(n.deposit, book.deposit, "deposit");
            vm.assertEq(uint256(n.state), uint256(book.state), "state");
            vm.assertEq(n.exitAt, book.exitAt, "exitAt");
            uint256 listings = staking.providers().count(nodes[i]);
            vm.assertEq(listings, book.state == NodeState.Active ? 1 : 0, "listed as active");
            listed += listings;
            if (book.state == NodeState.Active) active += book.deposit;
            if (book.state == NodeState.Exiting) unbonding += book.deposit;
        }
        for (uint256 i; i < people.length; ++i) {
            vm.assertEq(staking.credit(people[i]), owedCoins[people[i]], "credit");
            credits += owedCoins[people[i]];
        }
        vm.assertEq(staking.providers().length, listed, "active nodes listed");
        vm.assertEq(staking.totalActive(), active, "totalActive");
        vm.assertEq(staking.totalUnbonding(), unbonding, "totalUnbonding");
        vm.assertEq(staking.totalSlashedUnclaimed(), credits, "totalSlashedUnclaimed");
        vm.assertEq(address(staking).balance, active + unbonding + credits, "coins held");
        vm.assertEq(coinsIn, active + unbonding + credits + coinsOut, "coins in = held + out");
    }

    function auditStatuses() external view {
        for (uint256 i; i < jobIds.length; ++i) {
            Job memory j = escrow.job(jobIds[i]);
            vm.assertEq(uint256(j.status), uint256(jobBook[jobIds[i]].status), "status");
            vm.assertEq(j.fee, jobBook[jobIds[i]].fee, "fee");
        }
    }

    function auditAccusations() external view {
        for (uint256 i; i < jobIds.length; ++i) {
            for (uint256 k; k < trainersOf[jobIds[i]].length; ++k) {
                address t = trainersOf[jobIds[i]][k];
                Accusation recorded = escrow.accusation(jobIds[i], t);
                vm.assertEq(uint256(recorded), uint256(accusation[jobIds[i]][t]), "accusation");
            }
        }
    }

    function auditBindings() external view {
        for (uint256 i; i < nodes.length; ++i) {
            NodeBook storage book = nodeBook[nodes[i]];
            Node memory n = staking.node(nodes[i]);
            vm.assertEq(escrow.openJobs(nodes[i]), book.jobs, "openJobs");
            vm.assertEq(n.assignedJobs, book.jobs, "assignedJobs");
            vm.assertEq(n.frozen, book.accusations, "frozen");
        }
    }

    function auditRatings() external view {
        uint256[] memory quality = escrow.qualityOf(nodes);
        for (uint256 i; i < nodes.length; ++i) {
            NodeBook storage book = nodeBook[nodes[i]];
            vm.assertEq(quality[i], book.quality, "quality");
            uint256 rating = (book.baseline + book.quality) / 2;
            vm.assertEq(staking.node(nodes[i]).rating, rating, "rating");
        }
    }

    function auditEvents() external view {
        vm.assertEq(events.openFees(), escrow.openFees(), "openFees");
        vm.assertEq(events.credits(), escrow.totalCredits(), "totalCredits");
        vm.assertEq(events.deposits(), staking.totalActive() + staking.totalUnbonding(), "deposits");
        vm.assertEq(events.slashedCoins(), staking.totalSlashedUnclaimed(), "totalSlashedUnclaimed");
        vm.assertEq(events.commissionBps(), escrow.commissionBps(), "commissionBps");
        for (uint256 i; i < people.length; ++i) {
            vm.assertEq(events.tokens(people[i]), escrow.credit(people[i]), "credit in tokens");
            vm.assertEq(events.coins(people[i]), staking.credit(people[i]), "credit in coins");
        }
        for (uint256 i; i < nodes.length; ++i) _auditNodeEvents(events.node(nodes[i]), nodes[i]);
        for (uint256 i; i < jobIds.length; ++i) _auditJobEvents(events.job(jobIds[i]), jobIds[i]);
    }

    /* ------------------------------------------- after everything ------------------------------------------ */

    /// @dev The deadline of one live job passes with everybody gone and the market paused.
    function reclaimOne(uint256 pick) external {
        bytes32 jobId = pickAny(pick);
        for (uint256 i; i < jobIds.length && !isLive(jobId); ++i) jobId = pickAny((pick % jobIds.length) + i);
        if (jobId == 0 || !isLive(jobId)) return;
        JobBook storage book = jobBook[jobId];
        if (!pausedNow) escrow.pause();
        if (block.timestamp < book.deadline) vm.warp(book.deadline);
        uint256 before = token.balanceOf(book.customer);
        vm.prank(stranger);
        escrow.reclaim(jobId);
        vm.assertEq(token.balanceOf(book.customer) - before, book.fee, "fee returned");
    }

    /// @dev Everybody takes out what is theirs, one after the other, with the market paused.
    function payEverybody() external {
        if (!pausedNow) escrow.pause();
        for (uint256 i; i < people.length; ++i) {
            address who = people[i];
            uint256 tokensBefore = token.balanceOf(who);
            uint256 coinsBefore = who.balance;
            if (owedTokens[who] > 0) escrow.withdrawFor(who);
            vm.assertEq(token.balanceOf(who) - tokensBefore, owedTokens[who], "tokens paid");
            if (owedCoins[who] == 0 || who == rejecter) continue;
            staking.withdrawCreditFor(who);
            vm.assertEq(who.balance - coinsBefore, owedCoins[who], "coins paid");
        }
    }

    /// @dev All jobs end, all accusations lapse, all nodes leave. Nothing may stay behind.
    function windDown() external {
        vm.warp(block.timestamp + 62 days);
        for (uint256 i; i < jobIds.length; ++i) _endJob(jobIds[i]);
        for (uint256 i; i < nodes.length; ++i) {
            if (nodeBook[nodes[i]].state != NodeState.Active) continue;
            // An accused who lost the deposit meanwhile is banned.
            if (staking.node(nodes[i]).state != NodeState.Active) continue;
            vm.prank(nodes[i]);
            staking.requestExit();
        }
        vm.warp(block.timestamp + UNBONDING);
        for (uint256 i; i < people.length; ++i) {
            address who = people[i];
            if (escrow.credit(who) > 0) escrow.withdrawFor(who);
            if (who == rejecter) continue;
            if (staking.credit(who) > 0) staking.withdrawCreditFor(who);
            if (staking.node(who).state != NodeState.Exiting) continue;
            vm.prank(who);
            staking.withdraw();
        }
        vm.assertEq(token.balanceOf(address(escrow)), 0, "tokens left behind");
        uint256 rejected = staking.credit(rejecter) + staking.node(rejecter).deposit;
        vm.assertEq(address(staking).balance, rejected, "coins left behind");
    }

    function _endJob(bytes32 jobId) private {
        JobBook storage book = jobBook[jobId];
        if (isLive(jobId)) escrow.reclaim(jobId);
        if (book.binding) escrow.release(jobId, trainersOf[jobId], crewOf[jobId]);
        if (book.byRoot) {
            PayoutTree.Tree memory tree = PayoutTree.build(trainersOf[jobId], shares[jobId]);
            (uint256 left, ) = escrow.unclaimed(jobId);
            vm.assertEq(left, book.unclaimed, "unclaimed");
            for (uint256 i; i < trainersOf[jobId].length; ++i) {
                if (claimed[jobId][i] || shares[jobId][i] > left) continue;
                (bytes32[] memory siblings, uint256[] memory sums) = tree.proof(i);
                escrow.claim(jobId, i, trainersOf[jobId][i], shares[jobId][i], siblings, sums);
            }
        }
        for (uint256 i; i < trainersOf[jobId].length; ++i) {
            Accusation a = accusation[jobId][trainersOf[jobId][i]];
            if (a != Accusation.Named && a != Accusation.Contested) continue;
            escrow.finalizeSlash(jobId);
            break;
        }
    }

    function _auditJobEvents(EventBooks.JobRecord memory seen, bytes32 jobId) private view {
        Job memory j = escrow.job(jobId);
        vm.assertEq(uint256(seen.status), uint256(j.status), "status");
        vm.assertEq(seen.customer, j.customer);
        vm.assertEq(seen.fee, j.fee, "fee");
        vm.assertEq(seen.deadline, j.deadline, "deadline");
        vm.assertEq(seen.commissionBps, j.commissionBps, "commissionBps");
        vm.assertEq(seen.seedBlock, j.seedBlock, "seedBlock");
        vm.assertEq(seen.nextRound, j.nextRound, "nextRound");
        vm.assertTrue(seen.released == j.released, "released");
        vm.assertEq(seen.honest, escrow.honest(jobId));
        for (uint256 i; i < trainersOf[jobId].length; ++i) {
            address t = trainersOf[jobId][i];
            Accusation first = events.accusation(jobId, t);
            vm.assertTrue((first == Accusation.None) == (escrow.accusation(jobId, t) == Accusation.None));
        }
    }

    function _auditNodeEvents(EventBooks.NodeRecord memory seen, address provider) private view {
        Node memory n = staking.node(provider);
        vm.assertEq(uint256(seen.state), uint256(n.state), "state");
        vm.assertEq(seen.deposit, n.deposit, "deposit");
        vm.assertEq(seen.exitAt, n.exitAt, "exitAt");
        vm.assertEq(seen.frozen, n.frozen, "frozen");
        vm.assertEq(seen.openJobs, n.assignedJobs, "assignedJobs");
        if (n.state != NodeState.Active) return;
        vm.assertEq((seen.baseline + seen.quality) / 2, n.rating, "rating");
        vm.assertEq(seen.roles, n.roles, "roles");
        vm.assertEq(seen.nodeKey, n.nodeKey);
        vm.assertEq(seen.name, n.name);
    }
}
