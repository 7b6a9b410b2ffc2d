// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Crew, IJobEscrow, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Log} from "../ForgeBase.sol";
import {Lists} from "../Lists.sol";
import {Bookkeeper} from "./Bookkeeper.sol";

/// @dev What customers, the operator and passers-by do with jobs. A move that the rules allow must work; one that they
/// forbid must not.
abstract contract JobMoves is Bookkeeper {
    using Lists for address[];

    /// @param digits Fees of every size are as likely as others.
    /// @param onward How far the job goes at once, so that most histories are about jobs at work.
    function open(
        uint256 fee,
        uint256 digits,
        uint256 duration,
        bool byValidator,
        uint256 onward
    ) external audited {
        bytes32 jobId = _open(fee, digits, duration, byValidator);
        if (jobId != 0 && onward % 4 > 0) _assign(jobId, onward >> 2);
        if (jobId != 0 && onward % 4 > 1) _draw(jobId);
    }

    function assign(uint256 pick, uint256 mask) external audited {
        bytes32 jobId = pickIn(pick, Status.Open);
        if (jobId != 0) _assign(jobId, mask);
    }

    function draw(uint256 pick) external audited {
        bytes32 jobId = pickIn(pick, Status.Drawing);
        if (jobId != 0) _draw(jobId);
    }

    function reseed(uint256 pick) external audited {
        bytes32 jobId = pickIn(pick, Status.Drawing);
        if (jobId == 0) return;
        uint256 seedBlock = escrow.job(jobId).seedBlock;
        if (block.number <= seedBlock) vm.roll(seedBlock + 1);
        if (block.number > seedBlock + 256 || eligible(jobId, seedBlock, false) < 2) {
            escrow.reseed(jobId);
            return;
        }
        try escrow.reseed(jobId) {
            broke(5, "a good seed was thrown away");
        } catch {}
    }

    function recordRound(uint256 pick, uint32 root) external audited {
        bytes32 jobId = pickIn(pick, Status.Assigned);
        if (jobId == 0) return;
        uint32 next = escrow.job(jobId).nextRound;
        vm.prank(operator);
        escrow.recordRound(jobId, next, bytes32(uint256(root)));
    }

    function cancel(uint256 pick, bool drawing, uint256 who) external audited {
        // Jobs mostly go on, or nothing would ever be settled.
        if (who % 8 > 1) return;
        bytes32 jobId = pickIn(pick, drawing ? Status.Drawing : Status.Open);
        if (jobId == 0) return;
        uint48 seedBlock = escrow.job(jobId).seedBlock;
        bool pending = drawing && block.number > seedBlock && blockhash(seedBlock) != 0;
        vm.prank(who % 8 == 0 ? operator : jobBook[jobId].customer);
        if (pending) {
            try escrow.cancel(jobId) {
                broke(5, "a job was cancelled when its judges could be foreseen");
            } catch {}
            return;
        }
        escrow.cancel(jobId);

        jobBook[jobId].status = Status.Cancelled;
        owedTokens[jobBook[jobId].customer] += jobBook[jobId].fee;
    }

    function cancelUnlawfully(uint256 pick, bool byStranger) external audited {
        bytes32 jobId = pickIn(pick, byStranger ? Status.Open : Status.Assigned);
        if (jobId == 0) return;
        vm.prank(byStranger ? stranger : operator);
        try escrow.cancel(jobId) {
            broke(2, byStranger ? "a stranger cancelled" : "a job was cancelled after the draw");
        } catch {}
    }

    function reclaim(uint256 pick) external audited {
        bytes32 jobId = pickAny(pick);
        if (jobId == 0) return;
        JobBook storage book = jobBook[jobId];
        bool lawful = isLive(jobId) && block.timestamp >= book.deadline;
        uint256 before = token.balanceOf(book.customer);
        vm.prank(stranger);
        try escrow.reclaim(jobId) {
            if (!lawful) broke(2, "reclaimed before the deadline or after the end");
            if (token.balanceOf(book.customer) - before != book.fee)
                broke(2, "reclaim did not pay the customer");
            book.status = Status.Reclaimed;
            tokensOut += book.fee;
        } catch {
            if (lawful) broke(2, "the fee could not be reclaimed");
        }
    }

    function release(uint256 pick) external audited {
        bytes32 jobId = pickAny(pick);
        if (jobId == 0) return;
        bool lawful = !isLive(jobId) && jobBook[jobId].binding;
        try escrow.release(jobId, trainersOf[jobId], crewOf[jobId]) {
            if (!lawful) broke(6, "released while it ran, or twice");
            else unbind(jobId);
        } catch {
            if (lawful) broke(6, "nodes of an ended job could not be released");
        }
    }

    /// @dev Mostly seconds; sometimes until seeds expire, now and then until arbiters or claims are too late.
    function passTime(uint256 secs, uint256 kind) external {
        kind %= 16;
        if (kind == 0) secs = secs % 2 == 0 ? 31 days : 366 days;
        else secs = kind == 1 ? 300 : bound(secs, 1, 40);
        vm.warp(block.timestamp + secs);
        vm.roll(block.number + (kind == 0 ? 1000 : secs));
    }

    function _open(
        uint256 fee,
        uint256 digits,
        uint256 duration,
        bool byValidator
    ) private returns (bytes32 jobId) {
        fee = bound(fee, 1, 10 ** bound(digits, 0, 24));
        uint64 deadline = uint64(block.timestamp + bound(duration, 30, 900));
        address payer = byValidator ? validators[0] : customer;
        bytes32 ref = bytes32(jobIds.length + 1);
        fund(payer, fee);
        vm.prank(payer);
        if (pausedNow) {
            try escrow.openJob(ref, 0, 0, fee, deadline) {
                broke(2, "a job was opened during a pause");
            } catch {}
            return 0;
        }
        escrow.openJob(ref, "spec", "data", fee, deadline);

        jobId = keccak256(abi.encode(payer, ref));
        jobIds.push(jobId);
        JobBook storage book = jobBook[jobId];
        (book.customer, book.fee, book.deadline, book.status) = (payer, fee, deadline, Status.Open);
        book.commission = (fee * commissionNow) / 10_000;
        tokensIn += fee;
    }

    function _assign(bytes32 jobId, uint256 mask) private {
        if (block.timestamp >= jobBook[jobId].deadline) return;
        for (uint256 i; i < nodes.length; ++i) if (!isAvailable(nodes[i], 1)) mask &= ~(1 << i);
        address[] memory chosen = nodes.masked(mask, true);
        if (chosen.length == 0) return;

        assignJob(jobId, chosen);
        jobBook[jobId].status = Status.Drawing;
        jobBook[jobId].binding = true;
        bind(chosen);
    }

    function _draw(bytes32 jobId) private {
        if (jobBook[jobId].status != Status.Drawing || block.timestamp >= jobBook[jobId].deadline) return;
        uint256 seedBlock = escrow.job(jobId).seedBlock;
        if (block.number <= seedBlock) vm.roll(seedBlock + 1);
        uint256 expected = eligible(jobId, seedBlock, true);
        if (block.number > seedBlock + 256 || expected < 2) return;

        vm.prank(stranger);
        escrow.draw(jobId, trainersOf[jobId]);
        Log[] memory logs = vm.getRecordedLogs();
        events.read(logs);
        (, address[] memory drawn, address[] memory keys, ) = abi.decode(
            theLog(logs, IJobEscrow.JobAssigned.selector).data,
            (address[], address[], address[], bytes32)
        );
        if (drawn.length != (expected < 3 ? expected : 3)) broke(5, "the draw left validators out");
        for (uint256 i; i < drawn.length; ++i) _checkDrawn(jobId, drawn, i);
        jobBook[jobId].status = Status.Assigned;
        crewOf[jobId] = Crew(drawn, keys);
        bind(drawn);
    }

    function _checkDrawn(bytes32 jobId, address[] memory drawn, uint256 i) private {
        if (drawn.count(drawn[i]) != 1) broke(5, "a validator was drawn twice");
        if (trainersOf[jobId].count(drawn[i]) != 0) broke(5, "a trainer judges its own work");
        if (drawn[i] == jobBook[jobId].customer) broke(5, "the customer judges its own job");
        if (!isAvailable(drawn[i], 2)) broke(5, "somebody unavailable was drawn");
    }
}
