// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

import {CarbonCredit} from "../../../../contracts/carbon/CarbonCredit.sol";
import {Certificate, ICarbonCredit} from "../../../../contracts/interfaces/ICarbonCredit.sol";
import {IEnergyLedger} from "../../../../contracts/interfaces/IEnergyLedger.sol";
import {CreditWorld} from "./CreditWorld.sol";

/// @dev retire: one way, once, with a certificate (rule 9).
contract CreditRetireTest is CreditWorld {
    uint256 private _id;
    uint256 private _held;

    function setUp() public {
        _deployCredit(1);
        Story memory story = _honestJob(1, 2);
        _issue(story);
        _id = _credit.idOf(story.claims[0].reading.hour, ES);
        _held = _credit.balanceOf(_node(0), _id);
    }

    function testFuzz_rule9_retire__some_of_it__gone_for_ever_with_a_certificate(uint256 amount) public {
        amount = bound(amount, 1, _held);
        vm.expectEmit(address(_credit));
        emit ICarbonCredit.CreditRetired(1, _node(0), _id, amount, "the sea", "for 2026");
        vm.prank(_node(0));
        vm.assertEq(_credit.retire(_id, amount, "the sea", "for 2026"), 1);
        Certificate memory c = _credit.certificate(1);
        vm.assertEq(c.holder, _node(0));
        vm.assertEq(c.retiredAt, block.timestamp);
        vm.assertEq(c.id, _id);
        vm.assertEq(c.amount, amount);
        vm.assertEq(c.textHash, keccak256(abi.encode("the sea", "for 2026")));
        vm.assertEq(_credit.balanceOf(_node(0), _id), _held - amount);
        (, uint256 retired) = _credit.totals(_id);
        vm.assertEq(retired, amount);
        _refuses(
            abi.encodeWithSelector(
                IERC1155Errors.ERC1155InsufficientBalance.selector,
                _node(0),
                _held - amount,
                _held,
                _id
            )
        );
        vm.prank(_node(0));
        _credit.retire(_id, _held, "", "");
        vm.assertEq(_credit.certificateCount(), 1);
    }

    function test_retire__nothing_or_at_too_great_length__refused() public {
        vm.startPrank(_node(0));
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_NothingToRetire.selector));
        _credit.retire(_id, 0, "", "");
        string memory name = string(new bytes(101));
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_TextTooLong.selector, 101, 100));
        _credit.retire(_id, 1, name, "");
        string memory reason = string(new bytes(201));
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_TextTooLong.selector, 201, 200));
        _credit.retire(_id, 1, "", reason);
        _credit.retire(_id, 1, string(new bytes(100)), string(new bytes(200)));
        vm.stopPrank();
    }

    function test_certificate__that_there_is_not__refused() public {
        for (uint256 number; number < 2; ++number) {
            _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_NoCertificate.selector, number));
            _credit.certificate(number);
        }
    }

    function test_name__and_metadata__say_that_it_is_no_offset() public {
        vm.assertEq(_credit.name(), "Eco Credit (internal unit, not a carbon offset)");
        vm.assertEq(_credit.symbol(), "ECO");
        vm.assertEq(
            _credit.uri(_id),
            "data:application/json,%7B%22name%22:%22Eco%20Credit%20(internal%20unit,%20not%20a%20carbon%20offset)%22,%22id%22:%22{id}%22,%22unit%22:%22microgramme%20CO2e%22%7D"
        );
        vm.assertEq(_credit.METHOD(), 1);
        vm.assertTrue(_credit.supportsInterface(type(IERC1155).interfaceId));
        vm.assertTrue(_credit.supportsInterface(type(IAccessControl).interfaceId));
        vm.assertTrue(_credit.supportsInterface(type(IERC165).interfaceId));
        _refuses(abi.encodeWithSelector(ICarbonCredit.CarbonCredit_ZeroAddress.selector));
        new CarbonCredit(IEnergyLedger(address(0)), address(this), OPERATOR);
    }
}
