import type { Terminal } from "@xterm/xterm";
import type { VirtualMachine } from "../client/index.js";
import { browserSupport } from "./browser-support.js";
import { acceptDrops } from "./shares/drop-zone.js";
import { element } from "./element.js";
import { Messages } from "./messages.js";
import { workOffline } from "./offline.js";
import { Session } from "./session.js";
import { machineOfAddress, rememberScreenReader } from "./settings.js";
import { addShareForm } from "./shares/share-form.js";
import { ShareList } from "./shares/share-list.js";
import { Sharing } from "./shares/sharing.js";
import { UnsavedWarning } from "./shares/unsaved-warning.js";
import { StatusLine } from "./status-line.js";
import { addKeyRow } from "./terminal/key-row.js";
import { PageTerminal } from "./terminal/page-terminal.js";
import { deathNotice, greeting, reason, shareFailure, startFailure, supportMessages } from "./words.js";

declare global {
  /** The machine of this page, for the browser's console; undefined until the first one is ready. */
  var vm: VirtualMachine | undefined;
  /** xterm.js, for scripts and tests. */
  var terminal: Terminal;
}

/** A directory of the origin private file system: what is kept in this browser. */
const HOME = { tag: "home", source: { opfs: "home" } } as const;
const MACHINE_MESSAGE = "machine";

const support = await browserSupport();
const messages = new Messages(element("messages", HTMLElement));
for (const message of supportMessages(support)) messages.show(message);
if (support.webAssembly) openMachine();
else new StatusLine(() => location.reload()).show("failed");

function openMachine(): void {
  const screen = new PageTerminal(element("terminal", HTMLElement));
  globalThis.terminal = screen.xterm;
  const statusLine = new StatusLine(() => void session.start());
  const unsavedWarning = new UnsavedWarning();
  const shareNews = element("share-news", HTMLElement);

  const session = new Session(machineOfAddress(), support.privateFileSystem ? [HOME] : [], {
    starting() {
      messages.clear(MACHINE_MESSAGE);
      statusLine.show("starting");
    },
    progress: (progress) => statusLine.progress(progress),
    ready(machine) {
      globalThis.vm = machine;
      statusLine.show("ready");
      workOffline();
      void earlierVisits.then((visits) => visits.ready(machine));
      void screen.connect(machine.console, greeting(machine.shares.some((share) => share.tag === HOME.tag)));
      // Neither takes the focus from where the visitor put it, nor opens a touch keyboard.
      if (document.activeElement === document.body && matchMedia("(pointer: fine)").matches) screen.focus();
    },
    notStarted(error) {
      statusLine.show("failed");
      messages.show({ key: MACHINE_MESSAGE, kind: "error", text: startFailure(error) });
    },
    ended(status, error, shares) {
      statusLine.show(status);
      if (status === "failed") messages.show({ key: MACHINE_MESSAGE, kind: "error", text: deathNotice(error, shares) });
      shareList.update([]);
      void earlierVisits.then((visits) => visits.ended());
      unsavedWarning.update([]);
      shareNews.textContent = "";
    },
    shares(shares) {
      shareList.update(shares);
      void earlierVisits.then((visits) => visits.update(shares));
      unsavedWarning.update(shares);
    },
    notShared: (name, error) =>
      messages.show({ key: `share ${name}`, kind: "error", text: shareFailure(`“${name}”`, error) }),
  });

  const shareList = new ShareList(session, messages);
  const sharing = new Sharing(session, messages, shareNews);
  // Not needed for the first prompt.
  const earlierVisits = import("./earlier/earlier-visits.js").then(
    ({ EarlierVisits }) => new EarlierVisits(sharing, messages, shareNews),
  );
  addShareForm(support, sharing, messages);
  acceptDrops({
    shares: () => shareList.shares.filter((share) => share.access !== "read-only"),
    onShare: (sources, access) => void sharing.dropped(sources, access),
    onPut: (share, entries) =>
      void import("./panels/files-panel.js").then(
        (panel) => panel.openFilesWith(share, entries),
        (error: unknown) => messages.show({ key: "put", kind: "error", text: reason(error) }),
      ),
  });

  addKeyRow(element("key-row", HTMLElement), screen);
  screen.onLeave = () => element("shares", HTMLElement).focus();
  element("skip-to-terminal", HTMLAnchorElement).addEventListener("click", (event) => {
    event.preventDefault();
    screen.focus();
  });
  rememberScreenReader(
    element("screen-reader", HTMLInputElement),
    (on) => (screen.xterm.options.screenReaderMode = on),
  );

  document.documentElement.dataset["drop"] = support.droppedHandles ? "live" : "copy";
  void session.start();
}
