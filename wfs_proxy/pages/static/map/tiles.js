// Which tiles of a layer the map needs (`/layers/{id}/tiles`).

/** A tile has this many pixels on the screen, so that its groups are as far apart as those of the page. */
const SIZE = 512;

/** Degrees; the grid of tiles ends there. */
const HIGHEST = 85.05;

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
  const clamped = (number) => Math.min(Math.max(Math.floor(number), 0), size - 1);
  const column = (longitude) => clamped((longitude / 360 + 0.5) * size);
  const row = (latitude) => {
    const angle = (Math.min(Math.max(latitude, -HIGHEST), HIGHEST) * Math.PI) / 180;
    return clamped((0.5 - Math.asinh(Math.tan(angle)) / (2 * Math.PI)) * size);
  };
  return { columns: [column(west), column(east)], rows: [row(north), row(south)] };
}
