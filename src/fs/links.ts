import { type FsNode, isSamePlace, type Place, placeOf } from "./node.js";

// The names of a node, as the guest sees them: the main one and the links.

/** What became of a node that lost a name: it has none left, others than the main one, or `main` has become the main one. */
export type Loss =
  { readonly kind: "last" } | { readonly kind: "link" } | { readonly kind: "main"; readonly main: Place };

/** Gives the node one more name. */
export function addName(node: FsNode, place: Place): void {
  if (node.parent === undefined) setMain(node, place);
  else node.links = [...node.links, place];
}

/** Takes a name from the node. */
export function dropName(node: FsNode, place: Place): Loss {
  if (!isSamePlace(placeOf(node), place)) {
    node.links = node.links.filter((link) => !isSamePlace(link, place));
    return { kind: "link" };
  }
  const main = node.links.at(-1);
  node.links = node.links.slice(0, -1);
  setMain(node, main);
  return main === undefined ? { kind: "last" } : { kind: "main", main };
}

/** Gives the node another name for one that it has. Returns true when that was the main one. */
export function changeName(node: FsNode, from: Place, to: Place): boolean {
  const isMain = isSamePlace(placeOf(node), from);
  if (isMain) setMain(node, to);
  else node.links = node.links.map((link) => (isSamePlace(link, from) ? to : link));
  return isMain;
}

/** Takes every name from the node, and returns them. */
export function leaveAll(node: FsNode): readonly Place[] {
  const main = placeOf(node);
  const names = main === undefined ? node.links : [main, ...node.links];
  node.links = [];
  setMain(node, undefined);
  return names;
}

/** The name of a node without one is its last, for messages. */
function setMain(node: FsNode, place: Place | undefined): void {
  node.parent = place?.parent;
  if (place !== undefined) node.name = place.name;
}
