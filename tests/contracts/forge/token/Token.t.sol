// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";

import {DMLToken} from "../../../../contracts/token/DMLToken.sol";
import {ForgeBase} from "../ForgeBase.sol";

/// @dev mint, permit, and the cap.
contract TokenTest is ForgeBase {
    uint256 private constant OWNER_KEY = 0xA11CE;
    DMLToken private _token;

    function setUp() public {
        _token = new DMLToken(address(this));
        _token.grantRole(_token.MINTER_ROLE(), address(this));
    }

    function test_constructor__as_deployed__named_and_empty() public view {
        vm.assertEq(_token.name(), "EcoDML Token");
        vm.assertEq(_token.symbol(), "DML");
        vm.assertEq(_token.decimals(), 18);
        vm.assertEq(_token.cap(), 1e27);
        vm.assertEq(_token.totalSupply(), 0);
    }

    function testFuzz_rule1_mint__any_amounts__never_above_the_cap(uint256 first, uint256 second) public {
        first = bound(first, 0, 1e27);
        second = bound(second, 0, 2e27);
        _token.mint(address(1), first);
        if (first + second > 1e27) {
            vm.expectRevert(
                abi.encodeWithSelector(ERC20Capped.ERC20ExceededCap.selector, first + second, 1e27)
            );
            _token.mint(address(2), second);
        } else {
            _token.mint(address(2), second);
            vm.assertEq(_token.totalSupply(), first + second);
        }
    }

    function test_rule1_mint__by_anybody_but_the_minter__refused() public {
        bytes32 role = _token.MINTER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, address(7), role)
        );
        vm.prank(address(7));
        _token.mint(address(7), 1);
    }

    function testFuzz_permit__any_value__once(uint256 value) public {
        address owner = vm.addr(OWNER_KEY);
        bytes32 kind = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 content = keccak256(abi.encode(kind, owner, address(3), value, 0, block.timestamp));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", _token.DOMAIN_SEPARATOR(), content));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OWNER_KEY, digest);
        _token.permit(owner, address(3), value, block.timestamp, v, r, s);
        vm.assertEq(_token.allowance(owner, address(3)), value);
        vm.assertEq(_token.nonces(owner), 1);
        vm.expectRevert();
        _token.permit(owner, address(3), value, block.timestamp, v, r, s);
    }

    function test_permit__domain__is_the_tokens_name_version_1_and_this_chain() public view {
        bytes32 kind = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 domain = keccak256(
            abi.encode(kind, keccak256("EcoDML Token"), keccak256("1"), block.chainid, address(_token))
        );
        vm.assertEq(_token.DOMAIN_SEPARATOR(), domain);
    }
}
