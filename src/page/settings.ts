import type { StartOptions } from "../client/index.js";

const SCREEN_READER = "v86-virtiofs.screen-reader";

/** The checkbox that makes the terminal readable for screen readers; the choice is kept in this browser. */
export function rememberScreenReader(checkbox: HTMLInputElement, apply: (on: boolean) => void): void {
  checkbox.checked = stored() === "on";
  apply(checkbox.checked);
  checkbox.addEventListener("change", () => {
    store(checkbox.checked ? "on" : "off");
    apply(checkbox.checked);
  });
}

function stored(): string | null {
  try {
    return localStorage.getItem(SCREEN_READER);
  } catch (error) {
    console.debug("No local storage:", error); // Blocked by the visitor's settings: the choice lasts as long as the page.
    return null;
  }
}

function store(choice: string): void {
  try {
    localStorage.setItem(SCREEN_READER, choice);
  } catch (error) {
    console.debug("No local storage:", error);
  }
}

/**
 * What the page's address asks of the machine: `?root=opfs:NAME` has the root of Linux in a directory of the origin private file
 * system, `&memory=MIB` gives it another size.
 */
export function machineOfAddress(): Pick<StartOptions, "root" | "memory"> {
  const parameters = new URLSearchParams(location.search);
  const root = /^opfs:(.+)$/.exec(parameters.get("root") ?? "")?.[1];
  const memory = Number(parameters.get("memory"));
  return { ...(root !== undefined && { root: { opfs: root } }), ...(memory > 0 && { memory: memory * 2 ** 20 }) };
}
