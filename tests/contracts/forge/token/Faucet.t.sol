// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ILocalFaucet} from "../../../../contracts/interfaces/ILocalFaucet.sol";
import {DMLToken} from "../../../../contracts/token/DMLToken.sol";
import {LocalFaucet} from "../../../../contracts/token/LocalFaucet.sol";
import {ForgeBase} from "../ForgeBase.sol";

/// @dev Free tokens exist on local chains only.
contract FaucetTest is ForgeBase {
    DMLToken private _token;
    LocalFaucet private _faucet;

    function setUp() public {
        vm.chainId(31_337);
        _token = new DMLToken(address(this));
        _faucet = new LocalFaucet(_token, 10 ether);
        _token.grantRole(_token.MINTER_ROLE(), address(_faucet));
    }

    function test_drip__on_each_local_chain__mints() public {
        uint16[3] memory ids = [31_337, 31_338, 1337];
        for (uint256 i; i < 3; ++i) {
            vm.chainId(ids[i]);
            vm.assertEq(new LocalFaucet(_token, 10 ether).cap(), 10 ether);
            vm.expectEmit(address(_faucet));
            emit ILocalFaucet.Dripped(address(1), 10 ether);
            _faucet.drip(address(1), 10 ether);
            vm.assertEq(_token.balanceOf(address(1)), (i + 1) * 10 ether);
        }
    }

    function testFuzz_rule1_drip__every_other_chain__refused(uint64 id) public {
        vm.assume(id != 31_337 && id != 31_338 && id != 1337 && id != 0);
        vm.chainId(id);
        bytes memory refusal = abi.encodeWithSelector(ILocalFaucet.LocalFaucet_NotALocalChain.selector, id);
        vm.expectRevert(refusal);
        _faucet.drip(address(1), 1);
        vm.expectRevert(refusal);
        new LocalFaucet(_token, 1 ether);
    }

    function testFuzz_drip__above_the_cap__refused(uint256 amount) public {
        amount = bound(amount, 10 ether + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(ILocalFaucet.LocalFaucet_AboveCap.selector, amount, 10 ether));
        _faucet.drip(address(1), amount);
    }
}
