import type { Access } from "../../client/index.js";
import type { BrowserSupport } from "../browser-support.js";
import { element } from "../element.js";
import type { Messages } from "../messages.js";
import { isCancelled, shareFailure, shareHint } from "../words.js";
import { accessOf, modeOf } from "./permission.js";
import type { Sharing } from "./sharing.js";

/** The form under the list: which access, and the button that opens the browser's picker, or a folder input where there is none. */
export function addShareForm(support: BrowserSupport, sharing: Sharing, messages: Messages): void {
  const form = element("share-form", HTMLFormElement);
  const button = element("share-folder", HTMLButtonElement);
  const input = element("folder-input", HTMLInputElement);
  const accessChoice = element("access-choice", HTMLFieldSetElement);
  element("share-hint", HTMLElement).textContent = shareHint(support);

  if (!support.directoryPicker) {
    // There is no folder to write to.
    const [readWrite, , copyOnWrite] = accessChoice.querySelectorAll("input");
    readWrite!.parentElement!.hidden = true;
    copyOnWrite!.checked = true;
    button.textContent = "Share a copy…";
    accessChoice.hidden = button.hidden = !support.folderInput;
  }
  button.disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!window.showDirectoryPicker) {
      input.value = ""; // The same folder may be chosen again.
      return input.click();
    }
    void pick(accessOf(new FormData(form).get("access")), sharing, messages);
  });
  input.addEventListener("change", () => {
    if (input.files?.length) void sharing.share({ files: input.files }, accessOf(new FormData(form).get("access")));
  });
}

async function pick(access: Access, sharing: Sharing, messages: Messages): Promise<void> {
  let handle: FileSystemDirectoryHandle;
  try {
    handle = await window.showDirectoryPicker!({ id: "share", mode: modeOf(access) });
  } catch (error) {
    if (isCancelled(error)) return sharing.nothingChosen();
    return messages.show({ key: "pick", kind: "error", text: shareFailure("The folder", error) });
  }
  await sharing.share(handle, access);
}
