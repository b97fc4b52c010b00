import { button, made } from "./markup.js";
import type { Choice, Conflict } from "./upload.js";

const REPLACE = { files: "Replace it", folders: "Add to it, replace files" } as const;

/**
 * Asks what is to become of a name that is taken. `others`: how many more are; `forAll` of the answer is for them too. Rejects
 * with an AbortError when the visitor cancels.
 */
export function askAboutName(
  { name, freeName, both }: Conflict,
  others: number,
): Promise<{ choice: Choice; forAll: boolean }> {
  return new Promise((resolve, reject) => {
    const all = made("input", "");
    all.type = "checkbox";
    const dialog = made("dialog", "panel question");
    const answer = (choice: Choice) => () => {
      resolve({ choice, forAll: all.checked });
      dialog.close();
    };
    const heading = made("h2", "", `“${name}” is there already`);
    heading.id = "question-heading";
    dialog.setAttribute("aria-labelledby", heading.id);
    dialog.append(heading);
    if (others > 0) dialog.append(made("label", "", all, ` The same for the ${others} other names that are taken`));
    const buttons = made("div", "panel-buttons");
    if (both) buttons.append(button(REPLACE[both], "", answer("replace")));
    buttons.append(
      button(`Keep both, as “${freeName}”`, "", answer("keep-both")),
      button("Cancel", "", () => dialog.close()),
    );
    dialog.append(buttons);
    dialog.addEventListener("close", () => {
      dialog.remove();
      reject(new DOMException("The visitor cancelled.", "AbortError")); // Void after an answer.
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
