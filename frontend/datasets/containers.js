/** What a zip holds: arrays, IDX files, or folders of images. */

import { DatasetInvalid, quoted } from "/static/datasets/refusal.js";
import { holdsIdx, loadIdx } from "/static/datasets/idx.js";
import { loadImages } from "/static/datasets/images.js";
import { loadNpz } from "/static/datasets/npz.js";
import { openArchive } from "/static/datasets/archive.js";

/**
 * @param {File} file  @param {string | null} target
 * @param {import("/static/datasets/limits.js").Limits} limits  @param {(read: number) => void} heard
 * @param {import("/static/datasets/images.js").Decode | null} decode
 * @returns {Promise<import("/static/datasets/inspection.js").Table>}
 */
export async function loadArchive(file, target, limits, heard, decode) {
  const archive = await openArchive(file, limits, heard);
  if (archive.members.some((member) => member.name.endsWith(".npy"))) {
    return loadNpz(archive, target, limits);
  }
  const table = (await holdsIdx(archive))
    ? await loadIdx(archive, limits)
    : await loadImages(archive, limits, decode);
  if (target === null || target === table.target) return table;
  throw new DatasetInvalid(
    "dataset.no_such_target",
    `${quoted(file.name)} has no columns to choose the target ${quoted(target)} from: its classes are given by its ` +
      `${table.target}.`,
  );
}
