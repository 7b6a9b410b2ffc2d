// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {INodeStaking} from "../../../../contracts/interfaces/INodeStaking.sol";
import {NodeStaking} from "../../../../contracts/staking/NodeStaking.sol";

/// @dev A provider whose wallet is a contract, which answers a payment in its own way.
contract HostileProvider {
    error HostileProvider_NoThankYou();

    enum Answer {
        Accept,
        Refuse,
        WithdrawAgain,
        WithdrawCreditAgain,
        TakeOthers,
        BurnGas
    }

    NodeStaking private immutable _staking;
    Answer public answer;
    address public victim;
    uint256 public attempts;
    uint256 public successes;

    constructor(NodeStaking staking) {
        _staking = staking;
    }

    function answerBy(Answer answer_, address victim_) external {
        (answer, victim) = (answer_, victim_);
    }

    // solhint-disable-next-line no-complex-fallback
    receive() external payable {
        if (answer == Answer.Accept) return;
        if (answer == Answer.Refuse) revert HostileProvider_NoThankYou();
        if (answer == Answer.BurnGas) while (true) ++attempts;
        ++attempts;
        bytes memory call;
        if (answer == Answer.WithdrawAgain) call = abi.encodeCall(INodeStaking.withdraw, ());
        if (answer == Answer.WithdrawCreditAgain) call = abi.encodeCall(INodeStaking.withdrawCredit, ());
        if (answer == Answer.TakeOthers) call = abi.encodeCall(INodeStaking.withdrawCreditFor, (victim));
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, ) = address(_staking).call(call);
        if (ok) ++successes;
    }
}
