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
