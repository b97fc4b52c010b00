/** What a frame's address asks of it, in the fragment: `embed.html#load=click&command=ls`. */
export interface EmbedParameters {
  load: "visible" | "click" | "now";
  theme: "auto" | "light" | "dark";
  fontSize?: number;
  /** MiB */
  memory?: number;
  title?: string;
  poster?: string;
  /** Typed in this order; `run`: with Enter. */
  readonly lines: { readonly text: string; readonly run: boolean }[];
  readOnly: boolean;
  files?: URL;
  /** Contents by path. */
  readonly inline: Map<string, string>;
  /** Directory of the origin private file system. */
  opfs?: string;
  /** Origins that may control the frame. */
  readonly allow: string[];
}

/** A row of docs/embed.md's table, and how the parameter is read. */
export interface Parameter {
  readonly name: string;
  /** What it may be, as the documentation says it. */
  readonly values: string;
  readonly meaning: string;
  /** It may be given more than once. */
  readonly several?: boolean;
  /** Puts `value` into `parameters`, or says in words what is wrong with it: the end of a sentence that begins with the name. */
  readonly read: (parameters: EmbedParameters, value: string, path: string) => string | undefined;
}

const LONGEST_LINE = 1024;
const MOST_LINES = 20;
const MOST_INLINE_BYTES = 64 * 1024;
const FILE = "file:";

/** Every parameter; the documentation's table is tested against it. */
export const PARAMETERS: readonly Parameter[] = [
  {
    name: "load",
    values: "`visible` (default), `click`, `now`",
    meaning: "When Linux is loaded: once the frame is seen, once its button is clicked, or at once.",
    read: choice("load", ["visible", "click", "now"]),
  },
  {
    name: "theme",
    values: "`auto` (default), `light`, `dark`",
    meaning: "Colours; `auto` follows the visitor's system.",
    read: choice("theme", ["auto", "light", "dark"]),
  },
  {
    name: "fontSize",
    values: "8 to 40",
    meaning:
      "Size of the terminal's characters in CSS pixels. Default: 14, and 12 where the frame is narrower than 48 rem.",
    read: number("fontSize", 8, 40),
  },
  {
    name: "command",
    values: "text, up to 1,024 characters",
    meaning: "Typed into the shell, with Enter. With `type`, up to 20, in their order.",
    several: true,
    read: (parameters, value) => line(parameters, value, true),
  },
  {
    name: "type",
    values: "text, up to 1,024 characters",
    meaning: "Typed into the shell, without Enter: the visitor runs it.",
    several: true,
    read: (parameters, value) => line(parameters, value, false),
  },
  {
    name: "readonly",
    values: "`0` (default), `1`",
    meaning: "`1`: the visitor's keys are ignored.",
    read: (parameters, value) => {
      if (value !== "0" && value !== "1") return "is 0 or 1";
      parameters.readOnly = value === "1";
      return undefined;
    },
  },
  {
    name: "files",
    values: "URL of a `.zip`, `.tar.gz`, `.tgz`, `.tar` or `.json`",
    meaning:
      "Fetched without cookies, unpacked and mounted at `/mnt/files`. The host must allow it by CORS. A JSON list is `{path: URL}`. At most 64 MiB fetched, 256 MiB and 20,000 files unpacked.",
    read: (parameters, value) => {
      if (!URL.canParse(value, location.href)) return "is not a URL";
      const url = new URL(value, location.href);
      if (url.protocol !== "https:" && url.protocol !== "http:") return "is a URL of http or https";
      if (url.username !== "" || url.password !== "") return "has a password in it, which everybody can read";
      parameters.files = url;
      return undefined;
    },
  },
  {
    name: "file:PATH",
    values: "text; 64 KiB in all",
    meaning: "A file at `/mnt/files/PATH`, with that content. Linux may change it; the change ends with the machine.",
    several: true,
    read: inlineFile,
  },
  {
    name: "opfs",
    values: "name of a directory, up to 64 characters",
    meaning:
      "A directory that the browser keeps for your site and this frame together, mounted at `/mnt/NAME`. Without it nothing is kept.",
    read: (parameters, value) => {
      if (!/^[\w-]{1,64}$/.test(value)) return "has letters, digits, “-” and “_”, 64 at most";
      if (value === "files") return "is not “files”: that is where the files go";
      parameters.opfs = value;
      return undefined;
    },
  },
  {
    name: "poster",
    values: "text, or the URL of an image (`https:`)",
    meaning: "What is shown until Linux is loaded. The image is the only thing that is then asked of another site.",
    read: text("poster", 2048),
  },
  {
    name: "title",
    values: "text, up to 100 characters",
    meaning: "Name of the terminal, for screen readers, and heading over the poster.",
    read: text("title", 100),
  },
  {
    name: "memory",
    values: "72 to 512",
    meaning: "Memory of the machine in MiB. Default 128; another size boots Linux, which takes a second longer.",
    read: number("memory", 72, 512),
  },
  {
    name: "allow",
    values: "an origin, as `https://docs.example`",
    meaning: "A site that may control the frame by `embed()`. Without one, none may.",
    several: true,
    read: (parameters, value) => {
      const isOrigin = URL.canParse(value) && new URL(value).origin === value;
      if (!isOrigin) return "is an origin, as https://docs.example: no path, no slash at the end, and not “*”";
      parameters.allow.push(value);
      return undefined;
    },
  },
];

/** Reads a fragment, with or without its "#". What is wrong with it is said in words, one sentence each. */
export function readParameters(fragment: string): { readonly parameters: EmbedParameters; readonly errors: string[] } {
  const parameters: EmbedParameters = {
    load: "visible",
    theme: "auto",
    readOnly: false,
    lines: [],
    inline: new Map(),
    allow: [],
  };
  const errors: string[] = [];
  const seen = new Set<string>();
  for (const [key, value] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    const isFile = key.startsWith(FILE);
    const parameter = PARAMETERS.find(({ name }) => name === (isFile ? "file:PATH" : key));
    if (!parameter) {
      errors.push(`There is no parameter “${shown(key)}”.`);
      continue;
    }
    if (seen.has(key) && (parameter.several !== true || isFile)) errors.push(`“${shown(key)}” is given twice.`);
    seen.add(key);
    const problem = parameter.read(parameters, value, key.slice(FILE.length));
    if (problem !== undefined) errors.push(`“${shown(key)}” ${problem}.`);
  }
  return { parameters, errors };
}

/** Enough of a name to know it by. */
function shown(key: string): string {
  return key.length > 40 ? `${key.slice(0, 40)}…` : key;
}

function choice<K extends "load" | "theme">(name: K, values: readonly EmbedParameters[K][]): Parameter["read"] {
  return (parameters, value) => {
    const known = values.find((one) => one === value);
    if (known === undefined) return `is one of ${values.join(", ")}`;
    parameters[name] = known;
    return undefined;
  };
}

function number(name: "fontSize" | "memory", least: number, most: number): Parameter["read"] {
  return (parameters, value) => {
    const amount = Number(value);
    if (!/^\d+$/.test(value) || amount < least || amount > most) return `is a whole number from ${least} to ${most}`;
    parameters[name] = amount;
    return undefined;
  };
}

function text(name: "poster" | "title", longest: number): Parameter["read"] {
  return (parameters, value) => {
    if (value === "" || value.length > longest) return `has 1 to ${longest} characters`;
    parameters[name] = value;
    return undefined;
  };
}

function line({ lines }: EmbedParameters, text: string, run: boolean): string | undefined {
  if (text === "" || text.length > LONGEST_LINE) return `has 1 to ${LONGEST_LINE} characters`;
  if (lines.length === MOST_LINES) return `is one line too many: at most ${MOST_LINES} are typed`;
  if (/\p{Cc}/u.test(text)) return "has a control character or a line break in it";
  lines.push({ text, run });
  return undefined;
}

function inlineFile({ inline }: EmbedParameters, content: string, path: string): string | undefined {
  const names = path.split("/");
  if (names.some((name) => name === "" || name === "." || name === ".." || name.includes("\0"))) {
    return "is not a path such as src/main.c";
  }
  inline.set(path, content);
  const bytes = [...inline.values()].reduce((sum, each) => sum + new TextEncoder().encode(each).length, 0);
  return bytes > MOST_INLINE_BYTES ? "is more than fits into an address: the files have 64 KiB at most" : undefined;
}
