// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ILocalFaucet} from "../../../contracts/interfaces/ILocalFaucet.sol";
import {DMLToken} from "../../../contracts/token/DMLToken.sol";
import {LocalFaucet} from "../../../contracts/token/LocalFaucet.sol";
import {ForgeBase} from "./ForgeBase.sol";

/// @dev Free tokens exist on local chains only.
contract FaucetTest is ForgeBase {
    function testFuzz_faucet_refuses_every_other_chain(uint64 id) public {
        vm.assume(id != 31337 && id != 31338 && id != 1337 && id != 0);
        vm.chainId(31337);
        DMLToken token = new DMLToken(address(this));
        LocalFaucet faucet = new LocalFaucet(token, 1 ether);
        token.grantRole(token.MINTER_ROLE(), address(faucet));

        vm.chainId(id);
        vm.expectRevert(abi.encodeWithSelector(ILocalFaucet.LocalFaucet_NotALocalChain.selector, id));
        faucet.drip(address(1), 1);
        vm.expectRevert(abi.encodeWithSelector(ILocalFaucet.LocalFaucet_NotALocalChain.selector, id));
        new LocalFaucet(token, 1 ether);
    }
}
