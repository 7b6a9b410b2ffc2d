// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CreditWorld} from "./carbon/CreditWorld.sol";

interface CreditSnapshotVm {
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
}

/// @dev What credits cost, each call a transaction of its own; see {GasTest}.
/// forge-config: default.isolate = true
contract CreditGasTest is CreditWorld {
    CreditSnapshotVm private constant GAS = CreditSnapshotVm(
        address(uint160(uint256(keccak256("hevm cheat code"))))
    );
    Story private _one;
    Story private _four;

    function setUp() public {
        _deployCredit(7);
        _keep(_one, _honestJob(1, 1));
        _keep(_four, _honestJob(2, 4));
    }

    function test_gas_fix_baseline() public {
        _fix(_ref(3));
        GAS.snapshotGasLastCall("carbon", "fixBaseline");
    }

    function test_gas_issue_1_claim() public {
        _issue(_one);
        GAS.snapshotGasLastCall("carbon", "issue, 1 claim of a new node");
    }

    function test_gas_issue_4_claims() public {
        _issue(_four);
        GAS.snapshotGasLastCall("carbon", "issue, 4 claims of 2 new nodes");
    }

    function test_gas_retire() public {
        _issue(_one);
        uint256 id = _credit.idOf(_one.claims[0].reading.hour, ES);
        vm.prank(_node(0));
        _credit.retire(id, 1, "the sea", "for 2026");
        GAS.snapshotGasLastCall("carbon", "retire, the first of its kind");
    }

    function _keep(Story storage to, Story memory from) private {
        (to.epoch, to.summary, to.jobProof) = (from.epoch, from.summary, from.jobProof);
        for (uint256 i; i < from.claims.length; ++i) to.claims.push(from.claims[i]);
    }
}
