// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Accusation, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {NodeState} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Bookkeeper} from "./Bookkeeper.sol";

/// @dev What becomes of those whom a verdict names.
abstract contract AccusationMoves is Bookkeeper {
    function contest(uint256 pick) external audited {
        (bytes32 jobId, address accused) = pickAccused(pick, Accusation.Named);
        if (jobId == 0) return;
        bool lawful = block.timestamp < jobBook[jobId].slashReadyAt;
        vm.prank(accused);
        try escrow.contest(jobId, "my side") {
            if (!lawful) broke(5, "contested after the window");
            accusation[jobId][accused] = Accusation.Contested;
        } catch {
            if (lawful) broke(5, "an accused could not contest in time");
        }
    }

    function arbitrate(uint256 pick, bool guilty) external audited {
        (bytes32 jobId, address accused) = pickAccused(pick, Accusation.Contested);
        if (jobId == 0) return;
        uint256[] memory before = _coinsOf(jobId);
        vm.prank(arbiter);
        escrow.arbitrate(jobId, accused, guilty);
        if (guilty) _slashed(jobId, accused);
        else _freed(jobId, accused);
        _checkShares(jobId, before);
    }

    /// @dev The operator is no arbiter, and the arbiter starts nothing.
    function arbitrateUnlawfully(uint256 pick, bool byOperator, bool guilty) external audited {
        (bytes32 jobId, address accused) = pickAccused(
            pick,
            byOperator ? Accusation.Contested : Accusation.Named
        );
        if (jobId == 0) return;
        vm.prank(byOperator ? operator : arbiter);
        try escrow.arbitrate(jobId, accused, guilty) {
            broke(5, "an accusation was decided by somebody who may not");
        } catch {}
    }

    function finalizeSlash(uint256 pick) external audited {
        bytes32 jobId = pickIn(pick, Status.Failed);
        if (jobId == 0) return;
        uint256 readyAt = jobBook[jobId].slashReadyAt;
        bool tooLate = block.timestamp >= readyAt + 30 days;
        bool lawful;
        for (uint256 i; i < trainersOf[jobId].length; ++i) {
            Accusation a = accusation[jobId][trainersOf[jobId][i]];
            if (a == Accusation.Named || (a == Accusation.Contested && tooLate)) lawful = true;
        }
        lawful = lawful && block.timestamp >= readyAt;
        uint256[] memory before = _coinsOf(jobId);
        vm.prank(stranger);
        try escrow.finalizeSlash(jobId) {
            if (!lawful) broke(5, "slashed inside the window, or without anybody to slash");
            for (uint256 i; i < trainersOf[jobId].length; ++i) {
                address t = trainersOf[jobId][i];
                if (accusation[jobId][t] == Accusation.Named) _slashed(jobId, t);
                else if (accusation[jobId][t] == Accusation.Contested && tooLate) _freed(jobId, t);
            }
            _checkShares(jobId, before);
        } catch {
            if (lawful) broke(4, "a slash could not be finalized");
        }
    }

    /// @dev A node returns, or somebody tries to with what is banned.
    function returnToWork(uint256 who, uint256 trick) external audited {
        trick %= 3;
        if (trick > 0) return _returnBanned(who, trick == 1);
        address node = pickNodeIn(who, NodeState.None);
        NodeBook storage book = nodeBook[node];
        if (book.state != NodeState.None) return;
        register(node, book.roles);
        (book.state, book.deposit) = (NodeState.Active, MIN_DEPOSIT);
        (book.stakedBlock, book.exitAt) = (block.number, 0);
        coinsIn += MIN_DEPOSIT;
    }

    function _returnBanned(uint256 who, bool sameWallet) private {
        address node = pickNodeIn(who, NodeState.Banned);
        if (nodeBook[node].state != NodeState.Banned) return;
        address wallet = sameWallet ? node : stranger;
        address key = vm.addr(sameWallet ? uint256(keccak256(abi.encode(who))) >> 1 : keyOf(node));
        vm.deal(wallet, 1 ether);
        vm.prank(wallet);
        try staking.register{value: MIN_DEPOSIT}("newcomer", key, 1) {
            broke(4, sameWallet ? "a banned wallet returned" : "a banned key returned");
        } catch {}
    }

    /// @dev The whole deposit, in equal parts, the first ones with the odd wei.
    function _slashed(bytes32 jobId, address culprit) private {
        NodeBook storage book = nodeBook[culprit];
        address[] memory honest = honestOf[jobId];
        if (honest.length == 0) owedCoins[treasury] += book.deposit;
        for (uint256 i; i < honest.length; ++i) {
            bool odd = i < book.deposit % honest.length;
            owedCoins[honest[i]] += book.deposit / honest.length + (odd ? 1 : 0);
        }
        (book.deposit, book.exitAt, book.state) = (0, 0, NodeState.Banned);
        --book.accusations;
        accusation[jobId][culprit] = Accusation.Slashed;
    }

    function _freed(bytes32 jobId, address accused) private {
        --nodeBook[accused].accusations;
        accusation[jobId][accused] = Accusation.Acquitted;
    }

    function _coinsOf(bytes32 jobId) private view returns (uint256[] memory held) {
        address[] memory honest = honestOf[jobId];
        held = new uint256[](honest.length + 1);
        for (uint256 i; i < honest.length; ++i) held[i] = staking.credit(honest[i]) - owedCoins[honest[i]];
        held[honest.length] = staking.credit(treasury) - owedCoins[treasury];
    }

    /// @dev Whatever the contract added to anybody's credit, the books added too.
    function _checkShares(bytes32 jobId, uint256[] memory before) private {
        uint256[] memory afterwards = _coinsOf(jobId);
        for (uint256 i; i < before.length; ++i) {
            if (before[i] != afterwards[i])
                broke(4, "a slashed deposit was not split equally among the honest");
        }
    }
}
