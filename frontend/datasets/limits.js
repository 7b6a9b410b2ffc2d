/**
 * How much one file may ask of whoever reads it: the fields of `backend.datasets.Limits`, by the same names in camel case.
 * @typedef {typeof LIMITS} Limits
 */
const MIB = 1024 * 1024;

export const LIMITS = Object.freeze({
  maxBytes: 1024 * MIB,
  maxUncompressedBytes: 2048 * MIB,
  maxMembers: 100_000,
  maxMemberName: 512,
  maxRows: 5_000_000,
  maxColumns: 20_000,
  maxRowBytes: 4 * MIB,
  maxValues: 500_000_000,
  maxPixels: 16_000_000,
  maxClasses: 1_000,
});
