// Groups points that are close together on the screen: all points of one square of a fixed grid, and then groups that
// would overlap.

/** A group has the rows of this many of its points, which is enough to draw a small group as symbols. */
const MOST_MEMBERS = 5;

/** Groups nearer than this part of a square overlap. */
const CLOSE = 0.75;

/**
 * Groups points by the squares of a grid.
 *
 * @param {{count: number, xs: Float64Array, ys: Float64Array, reported: Uint8Array, sizes?: number[]}[]} sets points per
 *   layer, in pixels of the whole world at the zoom level, so that a group stays the same when the map moves; `sizes` are the
 *   objects at each point, if they are not one
 * @param {{minX: number, minY: number, maxX: number, maxY: number}} area only points inside count
 * @param {number} size of a square in pixels
 * @returns {{x: number, y: number, count: number, reported: number, members: [number, number][]}[]} groups at the mean
 *   place of their members; `members` are [number of the set, row] of single objects and stop at the fifth
 */
export function groupPoints(sets, area, size) {
  const groups = new Map();
  sets.forEach((set, number) => {
    for (let row = 0; row < set.count; row += 1) {
      const x = set.xs[row];
      const y = set.ys[row];
      if (x < area.minX || x > area.maxX || y < area.minY || y > area.maxY) continue;
      const key = Math.floor(x / size) * 67108864 + Math.floor(y / size);
      let group = groups.get(key);
      if (group === undefined) {
        group = { x: 0, y: 0, count: 0, reported: 0, members: [] };
        groups.set(key, group);
      }
      const objects = set.sizes?.[row] ?? 1;
      group.x += x * objects;
      group.y += y * objects;
      group.count += objects;
      group.reported += set.reported[row];
      if (set.sizes === undefined && group.members.length < MOST_MEMBERS) group.members.push([number, row]);
    }
  });
  for (const group of groups.values()) {
    group.x /= group.count;
    group.y /= group.count;
  }
  return withoutOverlap([...groups.values()], size * CLOSE);
}

/** Adds each group to the largest that it would overlap. */
function withoutOverlap(groups, distance) {
  const kept = [];
  for (const group of groups.sort((one, other) => other.count - one.count)) {
    const near = kept.find(({ x, y }) => Math.hypot(x - group.x, y - group.y) < distance);
    if (near === undefined) kept.push(group);
    else join(near, group);
  }
  return kept;
}

function join(group, other) {
  const count = group.count + other.count;
  group.x = (group.x * group.count + other.x * other.count) / count;
  group.y = (group.y * group.count + other.y * other.count) / count;
  group.count = count;
  group.reported += other.reported;
  group.members.push(...other.members.slice(0, MOST_MEMBERS - group.members.length));
}
