/** Telling images from measurements. */

export const LARGEST_PIXEL = 255;
const SMALLEST_IMAGE = 49;

/** Whether as many values may be the pixels of a square image, grey or RGB. @param {number} width */
export function isSquare(width) {
  const square = (n) => Number.isInteger(n) && Number.isInteger(Math.sqrt(n));
  return width >= SMALLEST_IMAGE && (square(width) || square(width / 3));
}
