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
export function tilesIn({ zoom: shown, box: [west, south, east, north] }) {
  const zoom = Math.max(Math.floor(shown) - Math.log2(SIZE / 256), 0);
  const size = 2 ** zoom;
  const clamped = (number) => Math.min(Math.max(Math.floor(number), 0), size - 1);
  const column = (longitude) => clamped((longitude / 360 + 0.5) * size);
  const row = (latitude) => {
    const angle = (Math.min(Math.max(latitude, -HIGHEST), HIGHEST) * Math.PI) / 180;
    return clamped((0.5 - Math.asinh(Math.tan(angle)) / (2 * Math.PI)) * size);
  };
  const tiles = [];
  for (let y = row(north); y <= row(south); y += 1)
    for (let x = column(west); x <= column(east); x += 1) tiles.push({ zoom, x, y });
  return tiles;
}
