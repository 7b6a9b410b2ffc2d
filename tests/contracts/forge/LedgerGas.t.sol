// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobSummary, Proposal} from "../../../contracts/interfaces/IEnergyLedger.sol";
import {LedgerWorld} from "./carbon/LedgerWorld.sol";

interface SnapshotVm {
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
}

/// @dev What sealing costs, each as a transaction of its own; see {GasTest}.
/// forge-config: default.isolate = true
contract LedgerGasTest is LedgerWorld {
    SnapshotVm private constant GAS = SnapshotVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function setUp() public {
        _deploy(7);
        _seal(_jobs(0, 1, 1));
    }

    function test_gas_seal_1_reading() public {
        _sealed(1, 1);
        GAS.snapshotGasLastCall("carbon", "seal, 1 job of 1 reading");
    }

    function test_gas_seal_128_readings() public {
        _sealed(1, 128);
        GAS.snapshotGasLastCall("carbon", "seal, 1 job of 128 readings");
    }

    function test_gas_seal_16_jobs() public {
        _sealed(16, 8);
        GAS.snapshotGasLastCall("carbon", "seal, 16 jobs of 8 readings");
    }

    function _sealed(uint256 jobs, uint256 readings) private {
        Proposal memory p = _proposal();
        JobSummary[] memory made = _jobs(100, jobs, readings);
        bytes[] memory signatures = _signatures(_ledger.hashEpoch(p, made), _all());
        _ledger.seal(p, made, _members, signatures);
    }
}
