// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {NodeState} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Bookkeeper} from "./Bookkeeper.sol";

/// @dev What providers do with deposits, everybody with credits, and the admin with the settings.
abstract contract NodeMoves is Bookkeeper {
    function topUp(uint256 who, uint256 amount) external audited {
        address node = pickNode(who);
        NodeBook storage book = nodeBook[node];
        amount = bound(amount, 1, 1 ether);
        vm.prank(node);
        try staking.topUp{value: amount}() {
            if (book.state != NodeState.Active) broke(1, "a deposit of nobody active");
            book.deposit += amount;
            book.stakedBlock = block.number;
            coinsIn += amount;
        } catch {
            if (book.state == NodeState.Active) broke(1, "a deposit could not be increased");
        }
    }

    function requestExit(uint256 who) external audited {
        // Nodes mostly stay, or there would be nobody left to work.
        if (who % 3 != 0) return;
        address node = pickNode(who / 3);
        NodeBook storage book = nodeBook[node];
        if (book.state != NodeState.Active) return;
        vm.prank(node);
        staking.requestExit();
        (book.state, book.exitAt) = (NodeState.Exiting, block.timestamp + UNBONDING);
    }

    function withdrawDeposit(uint256 who) external audited {
        address node = pickNodeIn(who, NodeState.Exiting);
        NodeBook storage book = nodeBook[node];
        bool lawful =
            book.state == NodeState.Exiting &&
                block.timestamp >= book.exitAt &&
                book.jobs == 0 &&
                book.accusations == 0;
        uint256 before = node.balance;
        vm.prank(node);
        try staking.withdraw() {
            if (!lawful) broke(6, "a deposit left while bound, accused or unbonding");
            if (node.balance - before != book.deposit) broke(1, "a deposit came back changed");
            coinsOut += node.balance - before;
            (book.state, book.deposit, book.exitAt) = (NodeState.None, 0, 0);
        } catch {
            forgetEvents();
            if (lawful && node != rejecter) broke(7, "a deposit could not be withdrawn");
        }
    }

    function withdrawTokens(uint256 pick, bool alone) external audited {
        address who = pickOwed(pick, owedTokens);
        uint256 due = owedTokens[who];
        uint256 before = token.balanceOf(who);
        try this.callWithdraw(who, alone) {
            if (due == 0 || token.balanceOf(who) - before != due) broke(1, "withdrew what was not owed");
            owedTokens[who] = 0;
            tokensOut += due;
        } catch {
            if (due > 0) broke(7, "a credit could not be withdrawn");
        }
    }

    /// @dev A call of its own, so that a refusal can be caught.
    function callWithdraw(address who, bool alone) external {
        vm.prank(alone ? who : stranger);
        if (alone) escrow.withdraw();
        else escrow.withdrawFor(who);
    }

    function withdrawCoins(uint256 pick, bool alone) external audited {
        address who = pickOwed(pick, owedCoins);
        uint256 due = owedCoins[who];
        uint256 before = who.balance;
        try this.callWithdrawCredit(who, alone) {
            if (due == 0 || who.balance - before != due) broke(1, "withdrew coins that were not owed");
            owedCoins[who] = 0;
            coinsOut += due;
        } catch {
            forgetEvents();
            if (due > 0 && who != rejecter) broke(7, "a credit in coins could not be withdrawn");
        }
    }

    function callWithdrawCredit(address who, bool alone) external {
        vm.prank(alone ? who : stranger);
        if (alone) staking.withdrawCredit();
        else staking.withdrawCreditFor(who);
    }

    function setBaseline(uint256 who, uint256 baseline) external audited {
        address node = pickNode(who);
        if (nodeBook[node].state == NodeState.None) return;
        nodeBook[node].baseline = bound(baseline, 0, 10_000);
        staking.setBaseline(node, uint32(nodeBook[node].baseline));
    }

    /* -------------------------------------------------- admin ---------------------------------------------- */

    function setCommission(uint256 bps) external audited {
        bps = bound(bps, 0, 600);
        try escrow.setCommission(uint16(bps)) {
            if (bps > 500) broke(3, "a commission above the cap");
            commissionNow = bps;
        } catch {
            if (bps <= 500) broke(3, "a lawful commission was refused");
        }
    }

    /// @dev Pauses are short, or there would be no jobs.
    function togglePause(uint256 dice) external audited {
        if (!pausedNow && dice % 4 != 0) return;
        if (pausedNow) escrow.unpause();
        else escrow.pause();
        pausedNow = !pausedNow;
    }
}
