// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {GreenCertificate} from "../../../../contracts/carbon/GreenCertificate.sol";
import {GreenVerifier} from "../../../../contracts/carbon/GreenVerifier.sol";
import {IEnergyLedger, JobSummary} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {VerifyingKey} from "../../../../contracts/interfaces/IGreenVerifier.sol";
import {ForgeBase} from "../ForgeBase.sol";
import {SealedJobs} from "./SealedJobs.sol";

interface JsonVm {
    function projectRoot() external view returns (string memory);
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(
        string calldata json,
        string calldata key
    ) external pure returns (uint256[] memory);
}

/// @dev A real proof for each size (`scripts/circuits/example.py` made them) about a job sealed in epoch 3, beside a sibling leaf.
abstract contract GreenWorld is ForgeBase {
    uint256 internal constant EPOCH = 3;
    bytes32 internal constant SIBLING = keccak256("another job's leaf");
    // The constant's name is a convention of every forge test.
    JsonVm private constant jsonVm = JsonVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    struct Given {
        JobSummary summary;
        uint64 bound;
        uint256 factors;
        uint256 size;
        uint256[8] proof;
    }

    SealedJobs internal ledger;
    GreenVerifier internal small;
    GreenVerifier internal large;
    GreenCertificate internal certificates;

    function setUpGreen() internal {
        vm.warp(1_790_000_000);
        ledger = new SealedJobs();
        small = new GreenVerifier(24, key(24));
        large = new GreenVerifier(96, key(96));
        certificates = new GreenCertificate(IEnergyLedger(address(ledger)), small, large);
    }

    /// @dev The proof of that size, its job sealed in the epoch.
    function given(uint256 size) internal returns (Given memory g) {
        string memory json = _json(size);
        bytes32 commitment = bytes32(jsonVm.parseJsonUint(json, ".commitment"));
        g.summary = JobSummary(bytes32(jsonVm.parseJsonUint(json, ".job")), size, 1e9, 1e9, commitment);
        g.bound = uint64(jsonVm.parseJsonUint(json, ".bound"));
        g.factors = jsonVm.parseJsonUint(json, ".factors");
        g.size = size;
        uint256[] memory points = jsonVm.parseJsonUintArray(json, ".proof");
        for (uint256 i; i < 8; ++i) g.proof[i] = points[i];
        sealJob(g.summary, EPOCH, true);
    }

    function sealJob(JobSummary memory summary, uint256 index, bool final_) internal {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(summary))));
        bytes32 root =
            leaf < SIBLING ? keccak256(abi.encode(leaf, SIBLING)) : keccak256(abi.encode(SIBLING, leaf));
        ledger.put(index, root, final_);
    }

    function path() internal pure returns (bytes32[] memory siblings) {
        siblings = new bytes32[](1);
        siblings[0] = SIBLING;
    }

    function certify(Given memory g) internal {
        certificates.certify(g.summary, EPOCH, path(), g.bound, g.factors, g.size, g.proof);
    }

    function key(uint256 size) internal view returns (VerifyingKey memory k) {
        uint256[] memory words = jsonVm.parseJsonUintArray(_json(size), ".key");
        k.alpha = [words[0], words[1]];
        k.beta = [words[2], words[3], words[4], words[5]];
        k.delta = [words[6], words[7], words[8], words[9]];
        for (uint256 i; i < 4; ++i) k.inputs[i] = [words[10 + 2 * i], words[11 + 2 * i]];
    }

    function _json(uint256 size) private view returns (string memory) {
        string memory name = size == 24 ? "24" : "96";
        string memory folder = string.concat(jsonVm.projectRoot(), "/tests/contracts/forge/carbon/green_");
        return jsonVm.readFile(string.concat(folder, name, ".json"));
    }
}
