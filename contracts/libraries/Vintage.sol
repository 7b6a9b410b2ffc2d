// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Months
/// @notice The Gregorian calendar, in UTC: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
library Vintage {
    uint256 private constant HOURS_PER_DAY = 24;
    uint256 private constant DAYS_PER_ERA = 146_097;
    uint256 private constant YEARS_PER_ERA = 400;
    /// @dev From 1 March of the year 0 to 1 January 1970.
    uint256 private constant DAYS_BEFORE_1970 = 719_468;

    /// @notice Year x 100 + month of an hour, counted from 1970.
    function ofHour(uint256 hour) internal pure returns (uint256) {
        uint256 day = hour / HOURS_PER_DAY + DAYS_BEFORE_1970;
        uint256 dayOfEra = day % DAYS_PER_ERA;
        uint256 yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        uint256 fromMarch = (5 * dayOfYear + 2) / 153;
        uint256 month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        uint256 year = (day / DAYS_PER_ERA) * YEARS_PER_ERA + yearOfEra + (month <= 2 ? 1 : 0);
        return year * 100 + month;
    }
}
