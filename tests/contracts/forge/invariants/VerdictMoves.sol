// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Accusation, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Lists} from "../Lists.sol";
import {PayoutTree} from "../PayoutTree.sol";
import {Bookkeeper} from "./Bookkeeper.sol";

/// @dev How quorums of validators end jobs, and how pay is claimed.
abstract contract VerdictMoves is Bookkeeper {
    using Lists for address[];
    using PayoutTree for PayoutTree.Tree;

    function settle(uint256 pick, uint256 seed) external audited {
        bytes32 jobId = pickIn(pick, Status.Assigned);
        if (jobId == 0) return;
        JobBook storage book = jobBook[jobId];
        address[] memory payees = trainersOf[jobId];
        uint256[] memory amounts = Lists.split(book.fee - book.commission, payees.length, seed);
        uint256[] memory before = new uint256[](payees.length);
        for (uint256 i; i < payees.length; ++i) before[i] = escrow.credit(payees[i]);
        uint256 treasuryBefore = escrow.credit(treasury);

        settle(jobId, amounts);

        for (uint256 i; i < payees.length; ++i) {
            if (escrow.credit(payees[i]) - before[i] != amounts[i]) broke(3, "a trainer was paid wrongly");
            owedTokens[payees[i]] += amounts[i];
            // Market.scoresOf: the last one is the best.
            uint256 showed = (10_000 * (5 + i)) / (4 + payees.length);
            nodeBook[payees[i]].quality = (7 * nodeBook[payees[i]].quality + showed) / 8;
        }
        if (escrow.credit(treasury) - treasuryBefore != book.commission) {
            broke(3, "the commission is not the agreed one, rounded down");
        }
        owedTokens[treasury] += book.commission;
        book.status = Status.Settled;
        unbind(jobId);
    }

    function settleByRoot(uint256 pick, uint256 seed) external audited {
        bytes32 jobId = pickIn(pick, Status.Assigned);
        if (jobId == 0) return;
        JobBook storage book = jobBook[jobId];
        uint256 pool = book.fee - book.commission;
        shares[jobId] = Lists.split(pool, trainersOf[jobId].length, seed);
        settleByRoot(jobId, PayoutTree.build(trainersOf[jobId], shares[jobId]).root());

        unclaimedTokens += pool;
        (book.unclaimed, book.claimableUntil) = (pool, block.timestamp + 365 days);
        owedTokens[treasury] += book.commission;
        book.status = Status.Settled;
        book.byRoot = true;
    }

    /// @param more Wei asked for beyond what is due.
    function claim(uint256 pick, uint256 index, uint256 more) external audited {
        (bytes32 jobId, uint256 at) = _pickClaim(pick, index);
        if (jobId == 0) return;
        PayoutTree.Tree memory tree = PayoutTree.build(trainersOf[jobId], shares[jobId]);
        (bytes32[] memory siblings, uint256[] memory sums) = tree.proof(at);
        address payee = trainersOf[jobId][at];
        uint256 amount = shares[jobId][at];
        more = more % 4 == 0 ? bound(more, 1, 1000) : 0;
        bool lawful = more == 0 && !claimed[jobId][at] && amount <= jobBook[jobId].unclaimed;
        try escrow.claim(jobId, at, payee, amount + more, siblings, sums) {
            if (!lawful) broke(3, "a payout was claimed twice, or for more");
            claimed[jobId][at] = true;
            unclaimedTokens -= amount;
            jobBook[jobId].unclaimed -= amount;
            owedTokens[payee] += amount;
        } catch {
            if (lawful) broke(3, "a payout could not be claimed");
        }
    }

    function returnUnclaimed(uint256 pick) external audited {
        (bytes32 jobId, ) = _pickClaim(pick, pick);
        if (jobId == 0) return;
        JobBook storage book = jobBook[jobId];
        bool lawful = book.unclaimed > 0 && block.timestamp >= book.claimableUntil;
        vm.prank(stranger);
        try escrow.returnUnclaimed(jobId) {
            if (!lawful) broke(3, "pay was taken back while it could be claimed");
            owedTokens[book.customer] += book.unclaimed;
            unclaimedTokens -= book.unclaimed;
            book.unclaimed = 0;
        } catch {
            if (lawful) broke(2, "pay that nobody claimed could not be returned");
        }
    }

    function fail(uint256 pick, uint256 mask) external audited {
        bytes32 jobId = pickIn(pick, Status.Assigned);
        if (jobId == 0) return;
        JobBook storage book = jobBook[jobId];
        address[] memory all = trainersOf[jobId];
        address[] memory culprits = all.masked(mask, true);
        uint256 before = escrow.credit(book.customer);
        fail(jobId, culprits);

        if (escrow.credit(book.customer) - before != book.fee) broke(4, "the customer was not made whole");
        owedTokens[book.customer] += book.fee;
        book.status = Status.Failed;
        book.slashReadyAt = block.timestamp + CONTEST;
        unbind(jobId);
        honestOf[jobId] = all.masked(mask, false);
        for (uint256 i; i < culprits.length; ++i) {
            accusation[jobId][culprits[i]] = Accusation.Named;
            ++nodeBook[culprits[i]].accusations;
        }
        if (culprits.length > 0) _tryAtOnce(jobId, culprits[0]);
    }

    /// @dev Nobody is slashed before the window has passed, and nobody is judged who did not ask for it.
    function _tryAtOnce(bytes32 jobId, address accused) private {
        try escrow.finalizeSlash(jobId) {
            broke(5, "slashed inside the window");
        } catch {}
        vm.prank(arbiter);
        try escrow.arbitrate(jobId, accused, true) {
            broke(5, "the arbiter decided what nobody contested");
        } catch {}
    }

    /// @dev A payout not claimed yet where there is one, or just any of a job settled by root.
    function _pickClaim(uint256 from, uint256 index) private view returns (bytes32 jobId, uint256 at) {
        for (uint256 i; i < jobIds.length; ++i) {
            bytes32 id = jobIds[((from % jobIds.length) + i) % jobIds.length];
            if (!jobBook[id].byRoot) continue;
            jobId = id;
            uint256 n = trainersOf[id].length;
            for (uint256 k; k < n; ++k) {
                at = ((index % n) + k) % n;
                if (!claimed[id][at]) return (id, at);
            }
        }
    }
}
