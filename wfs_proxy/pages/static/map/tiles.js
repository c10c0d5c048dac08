// Which tiles of a layer the map needs (`/layers/{id}/tiles`).

import { project } from "./layer-data.js";

/** A tile has this many pixels on the screen, so that its groups are as far apart as those of the page. */
const SIZE = 512;

/**
 * Returns the tiles that a view touches, row by row.
 *
 * @param {{zoom: number, box: [number, number, number, number]}} view west, south, east and north in degrees
 * @returns {{zoom: number, x: number, y: number}[]}
 */
export function tilesIn({ zoom: shown, box }) {
  const zoom = Math.max(Math.floor(shown) - Math.log2(SIZE / 256), 0);
  const { columns, rows } = spanOf(zoom, box);
  const tiles = [];
  for (let y = rows[0]; y <= rows[1]; y += 1)
    for (let x = columns[0]; x <= columns[1]; x += 1) tiles.push({ zoom, x, y });
  return tiles;
}

/** Returns how many tiles of a zoom level a box touches; none if its east is west of its west. */
export function countOfTiles(zoom, box) {
  const { columns, rows } = spanOf(zoom, box);
  return Math.max(columns[1] - columns[0] + 1, 0) * Math.max(rows[1] - rows[0] + 1, 0);
}

/** Returns the first and last column and row of the tiles that a box touches. */
function spanOf(zoom, [west, south, east, north]) {
  const size = 2 ** zoom;
  const tileOf = (place) => Math.min(Math.max(Math.floor(place * size), 0), size - 1);
  const [left, top] = project(west, north);
  const [right, bottom] = project(east, south);
  return { columns: [tileOf(left), tileOf(right)], rows: [tileOf(top), tileOf(bottom)] };
}
