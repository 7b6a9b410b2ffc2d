// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    Crew,
    FailVerdict,
    PayoutVerdict,
    SettleVerdict,
    Status
} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Lists} from "../Lists.sol";
import {Bookkeeper} from "./Bookkeeper.sol";

/// @dev How others than a quorum try to end jobs, and how a quorum tries to end them again.
abstract contract ForgeryMoves is Bookkeeper {
    /// @dev Nobody signs; one signs twice; the operator, a trainer helps; another text is signed; other keys are shown.
    uint256 private constant FORGERIES = 6;

    function forgeVerdict(uint256 pick) external audited {
        bytes32 jobId = pickIn(pick, Status.Assigned);
        if (jobId == 0) return;
        _settleBySum(jobId, jobBook[jobId].fee - jobBook[jobId].commission + 1);
        if (jobBook[jobId].fee > 1) _settleBySum(jobId, jobBook[jobId].fee - jobBook[jobId].commission - 1);
        for (uint256 kind; kind < FORGERIES; ++kind) {
            Crew memory crew = crewOf[jobId];
            if (kind == 5) (crew.keys[0], crew.keys[1]) = (vm.addr(0xA11), vm.addr(0xA12));
            _tryAll(jobId, crew, kind, 5, "a job was ended without a lawful verdict");
        }
    }

    function endAgain(uint256 pick) external audited {
        bytes32 jobId = pickAny(pick);
        if (jobId == 0 || isLive(jobId) || crewOf[jobId].keys.length == 0) return;
        _tryAll(jobId, crewOf[jobId], FORGERIES, 2, "a job was ended again");
    }

    function _settleBySum(bytes32 jobId, uint256 sum) private {
        SettleVerdict memory verdict = settleVerdict(jobId, Lists.split(sum, trainersOf[jobId].length, sum));
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashSettle(verdict));
        try escrow.settle(verdict, crewOf[jobId], signatures) {
            broke(3, "a settlement paid another sum than the fee less the commission");
        } catch {}
    }

    function _tryAll(
        bytes32 jobId,
        Crew memory crew,
        uint256 kind,
        uint256 rule,
        string memory what
    ) private {
        address[] memory all = trainersOf[jobId];
        uint256 pool = jobBook[jobId].fee - jobBook[jobId].commission;
        SettleVerdict memory settling = settleVerdict(jobId, Lists.split(pool, all.length, kind));
        bytes[] memory signatures = _forged(jobId, escrow.hashSettle(settling), kind);
        try escrow.settle(settling, crew, signatures) {
            broke(rule, what);
        } catch {}
        FailVerdict memory failing = failVerdict(jobId, all);
        signatures = _forged(jobId, escrow.hashFail(failing), kind);
        try escrow.fail(failing, all, crew, signatures) {
            broke(rule, what);
        } catch {}
        PayoutVerdict memory payout = PayoutVerdict(jobId, RESULT, EVIDENCE, "root", all.length);
        signatures = _forged(jobId, escrow.hashPayout(payout), kind);
        try escrow.settleByRoot(payout, hashOf(all), crew, signatures) {
            broke(rule, what);
        } catch {}
    }

    function _forged(
        bytes32 jobId,
        bytes32 digest,
        uint256 kind
    ) private view returns (bytes[] memory signatures) {
        if (kind == 0) return signatures;
        signatures = quorumSigns(jobId, kind == 4 ? keccak256(abi.encode(digest)) : digest);
        if (kind == 1) signatures[1] = signatures[0];
        else if (kind == 2) signatures[1] = signs(0xA11, digest);
        else if (kind == 3) signatures[1] = signs(keyOf(trainersOf[jobId][0]), digest);
        else if (kind == 5) (signatures[0], signatures[1]) = (signs(0xA11, digest), signs(0xA12, digest));
    }
}
