import { type FsNode, isSamePlace, type Place, placeOf } from "./node.js";

// The names of a node, as the guest sees them: the main one and the links.

/**
 * The other names of a node, by directory and name: giving or taking one takes the same time, however many there are. A directory's
 * number in the key, as its nodeid may become another, and no two directories in memory have the same.
 */
export type Links = Map<string, Place>;

/** What became of a node that lost a name: it has none left, others than the main one, or `main` has become the main one. */
export type Loss =
  { readonly kind: "last" } | { readonly kind: "link" } | { readonly kind: "main"; readonly main: Place };

/** Gives the node one more name. */
export function addName(node: FsNode, place: Place): void {
  if (node.parent === undefined) setMain(node, place);
  else (node.links ??= new Map()).set(keyOf(place), place);
}

/** Takes a name from the node. */
export function dropName(node: FsNode, place: Place): Loss {
  if (!isSamePlace(placeOf(node), place)) {
    node.links?.delete(keyOf(place));
    return { kind: "link" };
  }
  const [main] = linksOf(node);
  setMain(node, main);
  if (main !== undefined) node.links?.delete(keyOf(main));
  return main === undefined ? { kind: "last" } : { kind: "main", main };
}

/** Gives the node another name for one that it has. Returns true when that was the main one. */
export function changeName(node: FsNode, from: Place, to: Place): boolean {
  const isMain = isSamePlace(placeOf(node), from);
  if (isMain) setMain(node, to);
  else if (node.links?.delete(keyOf(from))) addName(node, to);
  return isMain;
}

/** Takes every name from the node, and returns them. */
export function leaveAll(node: FsNode): readonly Place[] {
  const main = placeOf(node);
  const names = [...(main === undefined ? [] : [main]), ...linksOf(node)];
  node.links = undefined;
  setMain(node, undefined);
  return names;
}

export function linksOf(node: FsNode): Iterable<Place> {
  return node.links?.values() ?? [];
}

function keyOf({ parent, name }: Place): string {
  return `${parent.ino}/${name}`;
}

/** The name of a node without one is its last, for messages. */
function setMain(node: FsNode, place: Place | undefined): void {
  node.parent = place?.parent;
  if (place !== undefined) node.name = place.name;
}
