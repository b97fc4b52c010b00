/** The element of index.html with that id; throws when the page lacks it or it is of another class. */
export function element<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`index.html has no ${type.name} with the id "${id}"`);
  return found;
}
