/** Elements of panels, which are made by script: nothing of them is in index.html until they are opened. */
export function made<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

export function button(label: string, className: string, onClick: () => void): HTMLButtonElement {
  const element = made("button", className, label);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}
