// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {GreenCertificate} from "../../../../contracts/carbon/GreenCertificate.sol";
import {IEnergyLedger} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {Certificate, IGreenCertificate} from "../../../../contracts/interfaces/IGreenCertificate.sol";
import {GreenWorld} from "./GreenWorld.sol";

/// @dev certify: what a proof must be about to become a certificate.
contract CertifyTest is GreenWorld {
    uint256 private constant R =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant Q =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    function setUp() public {
        setUpGreen();
    }

    function test_certify__a_valid_proof__kept_and_told() public {
        for (uint256 size = 24; size <= 96; size += 72) {
            Given memory g = given(size);
            uint256 snapshot = vm.snapshotState();
            vm.expectEmit(address(certificates));
            emit IGreenCertificate.Certified(g.summary.job, EPOCH, g.bound, g.factors, size);
            certify(g);
            Certificate memory kept = certificates.certificateOf(g.summary.job);
            vm.assertEq(kept.bound, g.bound);
            vm.assertEq(kept.epochIndex, EPOCH);
            vm.assertEq(kept.size, size);
            vm.assertEq(kept.certifiedAt, block.timestamp);
            vm.revertToState(snapshot);
        }
    }

    function test_certificateOf__never_certified__all_zero() public view {
        vm.assertEq(certificates.certificateOf("job").certifiedAt, 0);
    }

    /// @dev Each public value is part of what was proven.
    function testFuzz_certify__another_public_value__refused(uint256 which, uint256 by) public {
        Given memory g = given(24);
        by = bound(by, 1, type(uint32).max);
        which = bound(which, 0, 2);
        if (which == 0) g.bound += uint64(by);
        if (which == 1) g.factors = addmod(g.factors, by, R);
        if (which == 2) g.summary.commitment = bytes32(addmod(uint256(g.summary.commitment), by, R));
        sealJob(g.summary, EPOCH, true);
        _refused(g);
    }

    function test_certify__a_lower_bound_than_was_proven__refused() public {
        Given memory g = given(24);
        --g.bound;
        _refused(g);
    }

    function test_certify__values_beyond_the_field__are_no_second_form() public {
        Given memory g = given(24);
        g.factors += R;
        _refused(g);
        g = given(24);
        g.summary.commitment = bytes32(uint256(g.summary.commitment) + R);
        sealJob(g.summary, EPOCH, true);
        _refused(g);
    }

    function testFuzz_certify__another_proof__refused(uint256 place, uint256 by) public {
        Given memory g = given(24);
        place = bound(place, 0, 7);
        g.proof[place] = addmod(g.proof[place], bound(by, 1, Q - 1), Q);
        // (-A, -B, C) is the same proof; changing one coordinate never makes it.
        _refused(g);
    }

    function testFuzz_certify__coordinates_beyond_the_field__refused(uint256 place) public {
        Given memory g = given(24);
        g.proof[bound(place, 0, 7)] += Q;
        _refused(g);
    }

    function test_certify__no_proof_at_all__refused() public {
        Given memory g = given(24);
        delete g.proof;
        _refused(g);
    }

    function test_certify__proof_of_the_other_circuit__refused() public {
        Given memory g = given(24);
        g.size = 96;
        _refused(g);
    }

    function test_certify__no_such_circuit__refused() public {
        Given memory g = given(24);
        g.size = 48;
        vm.expectRevert(
            abi.encodeWithSelector(IGreenCertificate.GreenCertificate_WrongVerifier.selector, 48)
        );
        certify(g);
    }

    function test_certify__too_little_gas_for_the_pairing__refused_not_kept() public {
        Given memory g = given(24);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = address(certificates).call{gas: 150_000}(
            abi.encodeCall(
                certificates.certify,
                (g.summary, EPOCH, path(), g.bound, g.factors, g.size, g.proof)
            )
        );
        vm.assertFalse(done);
        vm.assertEq(certificates.certificateOf(g.summary.job).certifiedAt, 0);
    }

    function test_certify__proof_about_another_job__refused() public {
        Given memory g = given(24);
        g.summary.job = "another job";
        vm.expectRevert(
            abi.encodeWithSelector(
                IGreenCertificate.GreenCertificate_NotInEpoch.selector,
                g.summary.job,
                EPOCH
            )
        );
        certify(g);
        // Sealed, it has readings of its own, and so another commitment.
        g.summary.commitment = bytes32(uint256(7));
        sealJob(g.summary, EPOCH, true);
        _refused(g);
    }

    function test_certify__a_summary_that_was_not_sealed__refused() public {
        Given memory g = given(24);
        g.summary.micrograms -= 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                IGreenCertificate.GreenCertificate_NotInEpoch.selector,
                g.summary.job,
                EPOCH
            )
        );
        certify(g);
    }

    function test_certify__wrong_epoch__refused() public {
        Given memory g = given(24);
        ledger.put(4, keccak256("other jobs"), true);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGreenCertificate.GreenCertificate_NotInEpoch.selector,
                g.summary.job,
                uint256(4)
            )
        );
        certificates.certify(g.summary, 4, path(), g.bound, g.factors, g.size, g.proof);
    }

    function test_certify__epoch_not_final__refused() public {
        Given memory g = given(24);
        sealJob(g.summary, EPOCH, false);
        vm.expectRevert(abi.encodeWithSelector(IGreenCertificate.GreenCertificate_NotFinal.selector, EPOCH));
        certify(g);
    }

    function test_certify__no_commitment__refused() public {
        Given memory g = given(24);
        g.summary.commitment = 0;
        sealJob(g.summary, EPOCH, true);
        vm.expectRevert(
            abi.encodeWithSelector(IGreenCertificate.GreenCertificate_NoCommitment.selector, g.summary.job)
        );
        certify(g);
    }

    function test_certify__twice__refused_in_every_form_of_the_proof() public {
        Given memory g = given(24);
        certify(g);
        bytes memory refusal = abi.encodeWithSelector(
            IGreenCertificate.GreenCertificate_NotTighter.selector,
            g.summary.job,
            g.bound,
            g.bound
        );
        vm.expectRevert(refusal);
        certify(g);
        // The same proof with A and B negated is valid, and gains nothing.
        g.proof[1] = Q - g.proof[1];
        (g.proof[4], g.proof[5]) = (Q - g.proof[4], Q - g.proof[5]);
        vm.assertTrue(small.verify(g.bound, uint256(g.summary.commitment), g.factors, g.proof));
        vm.expectRevert(refusal);
        certify(g);
    }

    function test_constructor__verifiers_of_other_sizes__refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(IGreenCertificate.GreenCertificate_WrongVerifier.selector, 96)
        );
        new GreenCertificate(IEnergyLedger(address(ledger)), large, large);
        vm.expectRevert(
            abi.encodeWithSelector(IGreenCertificate.GreenCertificate_WrongVerifier.selector, 24)
        );
        new GreenCertificate(IEnergyLedger(address(ledger)), small, small);
    }

    function test_keyHash__each_verifier__says_which_key_it_has() public view {
        vm.assertEq(small.keyHash(), keccak256(abi.encode(key(24))));
        vm.assertEq(large.keyHash(), keccak256(abi.encode(key(96))));
        vm.assertEq(address(certificates.verifierOf(24)), address(small));
        vm.assertEq(address(certificates.verifierOf(96)), address(large));
    }

    function _refused(Given memory g) private {
        vm.expectRevert(
            abi.encodeWithSelector(IGreenCertificate.GreenCertificate_InvalidProof.selector, g.summary.job)
        );
        certify(g);
    }
}
