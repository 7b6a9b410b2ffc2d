// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobEscrow} from "../../../../contracts/escrow/JobEscrow.sol";
import {
    Crew,
    FailVerdict,
    IJobEscrow,
    PayoutVerdict,
    SettleVerdict
} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Verdicts} from "../../../../contracts/libraries/Verdicts.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev Rule 5: only a quorum of the drawn validators, signing this verdict on this job, here, ends a job.
contract QuorumTest is Market {
    using Lists for address[];

    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    bytes32 private _job;
    SettleVerdict private _verdict;
    bytes32 private _digest;

    function setUp() public {
        deployMarket();
        _job = assignedJob("job", 100, 2);
        _verdict = settleVerdict(_job, Lists.split(98, 2, 0));
        _digest = escrow.hashSettle(_verdict);
    }

    /// @dev Every subset of the three, each one signing any number of times, in any order.
    function testFuzz_rule5_settle__any_signers__two_different_are_needed(
        uint8[5] memory who,
        uint256 n
    ) public {
        n = bound(n, 0, 5);
        bytes[] memory signatures = new bytes[](n);
        uint256 signed;
        for (uint256 i; i < n; ++i) {
            signatures[i] = _by(who[i] % 3, _digest);
            signed |= 1 << (who[i] % 3);
        }
        uint256 different = (signed & 1) + ((signed >> 1) & 1) + (signed >> 2);
        if (different >= 2) {
            escrow.settle(_verdict, crewOf[_job], signatures);
            return;
        }
        _refused(
            signatures,
            abi.encodeWithSelector(IJobEscrow.JobEscrow_QuorumNotReached.selector, different, 2)
        );
    }

    function testFuzz_rule5_settle__a_key_not_drawn__refused(uint256 key) public {
        key = bound(key, 1, ORDER - 1);
        for (uint256 i; i < 3; ++i) vm.assume(key != keyOf(crewOf[_job].validators[i]));
        bytes[] memory signatures = new bytes[](3);
        signatures[0] = _by(0, _digest);
        signatures[1] = signs(key, _digest);
        signatures[2] = _by(1, _digest);
        _refused(signatures, _unknown(vm.addr(key)));
    }

    function test_rule5_settle__operator_and_everybody_with_a_role__are_no_quorum() public {
        uint256[6] memory keys = [0xA11, 0xA12, 0xA13, CUSTOMER_KEY, keyOf(trainers[0]), _notDrawn()];
        for (uint256 i; i < keys.length; ++i) {
            bytes[] memory signatures = new bytes[](2);
            signatures[0] = _by(0, _digest);
            signatures[1] = signs(keys[i], _digest);
            _refused(signatures, _unknown(vm.addr(keys[i])));
        }
    }

    /// @dev The verdict's signers are read from the commitment, so nobody can bring validators along.
    function testFuzz_rule5_settle__another_crew__refused(uint256 what, uint256 key) public {
        key = bound(key, 1, ORDER - 1);
        Crew memory crew = crewOf[_job];
        what = what % 5;
        if (what == 0) crew.keys = Lists.list(vm.addr(key), vm.addr(key));
        else if (what == 1) crew.keys[0] = vm.addr(key);
        else if (what == 2) crew.keys = crew.keys.first(1);
        else if (what == 3) crew.validators = crew.validators.first(2);
        else crew = Crew(new address[](0), new address[](0));
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = _by(0, _digest);
        signatures[1] = _by(1, _digest);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongCrew.selector, _job));
        escrow.settle(_verdict, crew, signatures);
    }

    function testFuzz_rule5_settle__anything_changed_after_signing__refused(uint256 what) public {
        bytes[] memory signatures = quorumSigns(_job, _digest);
        SettleVerdict memory v = _verdict;
        what = what % 4;
        if (what == 0) v.resultHash = "another model";
        else if (what == 1) v.evidenceHash = "other evidence";
        else if (what == 2) (v.amounts[0], v.amounts[1]) = (v.amounts[1] + 1, v.amounts[0] - 1);
        else v.scores[1] = ~v.scores[1];
        _refusedUnknown(v, signatures);
    }

    function test_rule5_settle__verdict_on_another_job__refused() public {
        bytes32 other = assignedJob("other", 100, 2);
        SettleVerdict memory onOther = settleVerdict(other, _verdict.amounts);
        _refusedUnknown(_verdict, quorumSigns(_job, escrow.hashSettle(onOther)));
    }

    function test_rule5_settle__signed_for_another_chain__refused() public {
        vm.chainId(80_002);
        bytes[] memory elsewhere = quorumSigns(_job, escrow.hashSettle(_verdict));
        vm.chainId(31_337);
        _refusedUnknown(_verdict, elsewhere);
    }

    function test_rule5_settle__signed_for_another_escrow__refused() public {
        JobEscrow other = new JobEscrow(token, staking, admin, operator, arbiter, treasury, 200, CONTEST);
        _refusedUnknown(_verdict, quorumSigns(_job, other.hashSettle(_verdict)));
    }

    function test_rule5_settle__signature_turned_round__refused() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(crewOf[_job].validators[1]), _digest);
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = _by(0, _digest);
        signatures[1] = abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        _refused(signatures, _unknown(address(0)));
    }

    function testFuzz_rule5_settle__signature_of_another_length__refused(uint256 length) public {
        length = bound(length, 0, 130);
        if (length == 65) length = 64;
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = _by(0, _digest);
        signatures[1] = new bytes(length);
        bytes memory whole = _by(1, _digest);
        for (uint256 i; i < length && i < 65; ++i) signatures[1][i] = whole[i];
        _refused(signatures, _unknown(address(0)));
    }

    function test_rule5_settle__two_drawn__both_must_sign() public {
        for (uint256 i; i < 2; ++i) {
            vm.prank(validators[i]);
            staking.requestExit();
        }
        bytes32 jobId = assignedJob("two", 100, 1);
        vm.assertEq(crewOf[jobId].validators.length, 2);
        SettleVerdict memory v = settleVerdict(jobId, Lists.split(98, 1, 0));
        bytes[] memory one = new bytes[](1);
        one[0] = signs(keyOf(crewOf[jobId].validators[1]), escrow.hashSettle(v));
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_QuorumNotReached.selector, 1, 2));
        escrow.settle(v, crewOf[jobId], one);
        settle(jobId, v.amounts);
    }

    function testFuzz_rule5_quorum__any_number__more_than_half(uint16 n) public view {
        vm.assertTrue(2 * escrow.quorum(n) > n);
        vm.assertTrue(2 * (escrow.quorum(n) - 1) <= n);
    }

    /* ------------------------------------------- the other verdicts ---------------------------------------- */

    function testFuzz_rule5_fail__any_signers__two_different_are_needed(uint8[3] memory who) public {
        FailVerdict memory v = failVerdict(_job, trainers.first(1));
        bytes[] memory signatures = _signatures(who, escrow.hashFail(v));
        if (who[0] % 3 == who[1] % 3 && who[1] % 3 == who[2] % 3) {
            vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_QuorumNotReached.selector, 1, 2));
        }
        escrow.fail(v, trainersOf[_job], crewOf[_job], signatures);
    }

    function testFuzz_rule5_settleByRoot__any_signers__two_different_are_needed(uint8[3] memory who) public {
        PayoutVerdict memory v = PayoutVerdict(_job, RESULT, EVIDENCE, "root", 2);
        bytes[] memory signatures = _signatures(who, escrow.hashPayout(v));
        if (who[0] % 3 == who[1] % 3 && who[1] % 3 == who[2] % 3) {
            vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_QuorumNotReached.selector, 1, 2));
        }
        escrow.settleByRoot(v, hashOf(trainersOf[_job]), crewOf[_job], signatures);
    }

    /// @dev A verdict of one kind says nothing about the others.
    function test_rule5_verdicts__signed_as_another_kind__refused() public {
        FailVerdict memory failing = failVerdict(_job, trainers.first(1));
        bytes[] memory settling = quorumSigns(_job, _digest);
        vm.expectRevert();
        escrow.fail(failing, trainersOf[_job], crewOf[_job], settling);
        PayoutVerdict memory payout = PayoutVerdict(_job, RESULT, EVIDENCE, "root", 2);
        vm.expectRevert();
        escrow.settleByRoot(payout, hashOf(trainersOf[_job]), crewOf[_job], settling);
    }

    function test_rule5_settleByRoot__anything_changed_after_signing__refused() public {
        PayoutVerdict memory v = PayoutVerdict(_job, RESULT, EVIDENCE, "root", 2);
        bytes[] memory signatures = quorumSigns(_job, escrow.hashPayout(v));
        for (uint256 what; what < 4; ++what) {
            v = PayoutVerdict(_job, RESULT, EVIDENCE, "root", 2);
            if (what == 0) v.resultHash = "another model";
            else if (what == 1) v.evidenceHash = "other evidence";
            else if (what == 2) v.payoutRoot = "another root";
            else v.payees = 3;
            vm.expectRevert();
            escrow.settleByRoot(v, hashOf(trainersOf[_job]), crewOf[_job], signatures);
        }
    }

    function test_rule5_fail__anything_changed_after_signing__refused() public {
        FailVerdict memory v = failVerdict(_job, trainers.first(1));
        bytes[] memory signatures = quorumSigns(_job, escrow.hashFail(v));
        v.culprits = Lists.list(trainers[1]);
        vm.expectRevert();
        escrow.fail(v, trainersOf[_job], crewOf[_job], signatures);
        v = failVerdict(_job, trainers.first(1));
        v.evidenceHash = "other evidence";
        vm.expectRevert();
        escrow.fail(v, trainersOf[_job], crewOf[_job], signatures);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _by(uint256 validator, bytes32 digest) private view returns (bytes memory) {
        return signs(keyOf(crewOf[_job].validators[validator]), digest);
    }

    function _signatures(uint8[3] memory who, bytes32 digest) private view returns (bytes[] memory made) {
        made = new bytes[](3);
        for (uint256 i; i < 3; ++i) made[i] = _by(who[i] % 3, digest);
    }

    function _notDrawn() private view returns (uint256 key) {
        for (uint256 i; i < 4; ++i) {
            if (crewOf[_job].validators.count(validators[i]) == 0) key = keyOf(validators[i]);
        }
    }

    function _unknown(address signer) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Verdicts.Verdicts_UnknownSigner.selector, signer);
    }

    function _refused(bytes[] memory signatures, bytes memory refusal) private {
        vm.expectRevert(refusal);
        escrow.settle(_verdict, crewOf[_job], signatures);
    }

    /// @dev Signatures on something else recover to whoever it may be, who is not a validator.
    function _refusedUnknown(SettleVerdict memory verdict, bytes[] memory signatures) private {
        Crew memory crew = crewOf[_job];
        try escrow.settle(verdict, crew, signatures) {
            vm.assertTrue(false, "settled");
        } catch (bytes memory refusal) {
            vm.assertEq(bytes32(bytes4(refusal)), bytes32(Verdicts.Verdicts_UnknownSigner.selector));
        }
    }
}
