// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Accusation, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {NodeState} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";
import {EventBooks} from "./EventBooks.sol";
import {Rejecter} from "./Rejecter.sol";

/// @dev Somebody outside who knows the rules and writes down what every move ought to have done. The invariants
/// compare these books with the contracts; no book is filled from the number that it is held against.
abstract contract Bookkeeper is Market {
    using Lists for address[];

    struct JobBook {
        address customer;
        uint256 fee;
        uint256 commission;
        uint256 deadline;
        Status status;
        bool binding;
        bool byRoot;
        uint256 slashReadyAt;
        uint256 unclaimed;
        uint256 claimableUntil;
    }

    struct NodeBook {
        uint8 roles;
        NodeState state;
        uint256 deposit;
        uint256 stakedBlock;
        uint256 exitAt;
        uint256 jobs;
        uint256 accusations;
        uint256 baseline;
        uint256 quality;
    }

    EventBooks public events;
    address[] internal people;
    address[] internal nodes;
    address internal rejecter;

    bytes32[] internal jobIds;
    mapping(bytes32 jobId => JobBook) internal jobBook;
    mapping(bytes32 jobId => uint256[]) internal shares;
    mapping(bytes32 jobId => mapping(uint256 index => bool)) internal claimed;
    mapping(bytes32 jobId => address[]) internal honestOf;
    mapping(bytes32 jobId => mapping(address node => Accusation)) internal accusation;
    mapping(address node => NodeBook) internal nodeBook;
    mapping(address account => uint256) internal owedTokens;
    mapping(address account => uint256) internal owedCoins;

    uint256 internal unclaimedTokens;
    uint256 internal tokensIn;
    uint256 internal tokensOut;
    uint256 internal coinsIn;
    uint256 internal coinsOut;
    uint256 internal commissionNow = COMMISSION;
    bool internal pausedNow;

    /// @dev What went against a rule, in words; empty while nothing did.
    mapping(uint256 rule => string) public broken;

    constructor() {
        vm.recordLogs();
        deployMarket();
        for (uint256 i; i < NODES_PER_ROLE; ++i) nodes.push(trainers[i]);
        for (uint256 i; i < NODES_PER_ROLE; ++i) nodes.push(validators[i]);
        nodes.push(joinAs(3, 0));
        rejecter = address(new Rejecter());
        vm.deal(rejecter, 10_000 ether);
        register(rejecter, 3);
        nodes.push(rejecter);
        for (uint256 i; i < nodes.length; ++i) {
            uint8 roles =
                i < NODES_PER_ROLE
                    ? 1
                    : i < 2 * NODES_PER_ROLE
                        ? 2
                        : 3;
            uint256 block_ = roles == 3 ? 11 : 10;
            nodeBook[nodes[i]] = NodeBook(roles, NodeState.Active, MIN_DEPOSIT, block_, 0, 0, 0, 5000, 5000);
            people.push(nodes[i]);
            coinsIn += MIN_DEPOSIT;
        }
        vm.roll(12);
        people.push(customer);
        people.push(treasury);
        events = new EventBooks(address(escrow), address(staking), treasury);
        events.read(vm.getRecordedLogs());
    }

    /// @dev Every move hands its events to the auditor, who sees nothing else.
    modifier audited() {
        vm.recordLogs();
        _;
        events.read(vm.getRecordedLogs());
    }

    /// @dev Forge records the events of calls that reverted later, too.
    function forgetEvents() internal {
        vm.getRecordedLogs();
    }

    function broke(uint256 rule, string memory what) internal {
        if (bytes(broken[rule]).length == 0) broken[rule] = what;
    }

    /* -------------------------------------------- what the rules say ---------------------------------------- */

    function isLive(bytes32 jobId) internal view returns (bool) {
        Status status = jobBook[jobId].status;
        return status == Status.Open || status == Status.Drawing || status == Status.Assigned;
    }

    function isAvailable(address node, uint8 role) internal view returns (bool) {
        NodeBook storage n = nodeBook[node];
        return n.state == NodeState.Active && n.accusations == 0 && n.roles & role != 0;
    }

    /// @dev How many could be drawn; a node of rating zero weighs nothing.
    function eligible(bytes32 jobId, uint256 seedBlock, bool barring) internal view returns (uint256 count) {
        for (uint256 i; i < nodes.length; ++i) {
            address n = nodes[i];
            if (!isAvailable(n, 2) || nodeBook[n].stakedBlock >= seedBlock) continue;
            if (nodeBook[n].baseline + nodeBook[n].quality < 2) continue;
            if (barring && (n == jobBook[jobId].customer || trainersOf[jobId].count(n) > 0)) continue;
            ++count;
        }
    }

    function bind(address[] memory who) internal {
        for (uint256 i; i < who.length; ++i) ++nodeBook[who[i]].jobs;
    }

    function unbind(bytes32 jobId) internal {
        jobBook[jobId].binding = false;
        address[] memory some = trainersOf[jobId];
        for (uint256 i; i < some.length; ++i) --nodeBook[some[i]].jobs;
        some = crewOf[jobId].validators;
        for (uint256 i; i < some.length; ++i) --nodeBook[some[i]].jobs;
    }

    /* ------------------------------------------------- choosing -------------------------------------------- */

    /// @dev The first job in `status` from a random place on, or zero.
    function pickIn(uint256 from, Status status) internal view returns (bytes32) {
        for (uint256 i; i < jobIds.length; ++i) {
            bytes32 id = jobIds[((from % jobIds.length) + i) % jobIds.length];
            if (jobBook[id].status == status) return id;
        }
        return 0;
    }

    function pickAny(uint256 from) internal view returns (bytes32) {
        return jobIds.length == 0 ? bytes32(0) : jobIds[from % jobIds.length];
    }

    function pickNode(uint256 from) internal view returns (address) {
        return nodes[from % nodes.length];
    }

    /// @dev The first node in `state` from a random place on, or just any.
    function pickNodeIn(uint256 from, NodeState state) internal view returns (address) {
        from %= nodes.length;
        for (uint256 i; i < nodes.length; ++i) {
            address n = nodes[(from + i) % nodes.length];
            if (nodeBook[n].state == state) return n;
        }
        return nodes[from];
    }

    /// @dev The first of the people who is owed something, from a random place on, or just any.
    function pickOwed(
        uint256 from,
        mapping(address => uint256) storage owed
    ) internal view returns (address) {
        from %= people.length;
        for (uint256 i; i < people.length; ++i) {
            address who = people[(from + i) % people.length];
            if (owed[who] > 0) return who;
        }
        return people[from];
    }

    /// @dev The first accusation in `state` from a random place on, or zeros.
    function pickAccused(uint256 from, Accusation state) internal view returns (bytes32, address) {
        for (uint256 i; i < jobIds.length; ++i) {
            bytes32 id = jobIds[((from % jobIds.length) + i) % jobIds.length];
            for (uint256 k; k < trainersOf[id].length; ++k) {
                address t = trainersOf[id][k];
                if (accusation[id][t] == state) return (id, t);
            }
        }
        return (0, address(0));
    }
}
