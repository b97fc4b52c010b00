import type { Share } from "../../client/index.js";
import type { Messages } from "../messages.js";
import type { Session } from "../session.js";

/** What opens a panel about a share: a button in its row. */
export interface ShareAction {
  readonly label: string;
  /** Whether the share has it. Asked again whenever the share reports something new. */
  offered(share: Share): boolean;
  /** Loads the panel and shows it. */
  open(share: Share, page: { readonly session: Session; readonly messages: Messages }): Promise<void>;
}

export const SHARE_ACTIONS: readonly ShareAction[] = [
  {
    label: "Files…",
    offered: () => true,
    open: async (share) => (await import("../panels/files-panel.js")).openFiles(share),
  },
  {
    label: "Changes…",
    offered: (share) => share.access === "copy-on-write",
    open: async (share, { session }) => {
      const { showChanges } = await import("../panels/changes-panel.js");
      await showChanges(share, session.sourceOf(share.tag));
    },
  },
];
