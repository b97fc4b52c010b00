// What the package's entries export, read from their declarations: kind, text, comment, members.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseSync } from "vite";
import { root } from "../npm.mjs";
import { entries } from "../package/entries.mjs";
import { writeTypes } from "../package/types.mjs";

const CACHE = join(root, ".cache");
/** What the DOM defines: EventTarget's methods, and what it calls and reads of a custom element (HTML, §4.13.3). */
const OF_THE_DOM = /^(?:add|remove)EventListener$|^\w+Callback$|^observedAttributes$/;
const KINDS = {
  ClassDeclaration: "class",
  TSInterfaceDeclaration: "interface",
  TSTypeAliasDeclaration: "type",
  TSDeclareFunction: "function",
  VariableDeclaration: "constant",
  TSEnumDeclaration: "enumeration",
};

/**
 * @typedef {object} Declared
 * @property {string} name as it is exported
 * @property {string} kind
 * @property {string} comment "" without one
 * @property {string} text the declaration; of a class or an interface what stands before its members
 * @property {Member[]} members
 */

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {string} comment its own, else that of the member which it implements or overrides; "" without one
 * @property {string} text
 * @property {boolean} needsComment false where something else says what it is
 */

/** @returns {{ source: string, comment: string, exported: Declared[] }[]} By entry. */
export function readDeclarations() {
  const folder = compiled();
  const modules = new Map();
  return entries.map(({ source, types }) => {
    const entry = moduleAt(join(folder, types), modules);
    const exported = [...exportsOf(entry, modules)].map(([name, found]) => describe(name, found, modules));
    return { source, comment: entry.comments[0] ? textOf(entry.comments[0]) : "", exported };
  });
}

/** Made anew when a source changes: 1.5 s on a busy machine. */
function compiled() {
  const hash = createHash("sha256");
  const sources = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...sources, join(root, "tsconfig.base.json"), join(root, "scripts/package/types.mjs")]) {
    hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  }
  const name = `declarations-${hash.digest("hex").slice(0, 16)}`;
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  for (const old of existsSync(CACHE) ? readdirSync(CACHE) : []) {
    if (/^declarations-[0-9a-f]{16}$/.test(old)) rmSync(join(CACHE, old), { recursive: true, force: true });
  }
  return whole(folder);
}

/** Whole or not there, also where two builds run at once. */
function whole(folder) {
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(`${folder}-`);
  writeTypes(unfinished);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  return folder;
}

function moduleAt(file, modules) {
  const known = modules.get(file);
  if (known) return known;
  const text = readFileSync(file, "utf8");
  const { program, comments, errors } = parseSync(file, text, { lang: "dts" });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const found = { file, text, body: program.body, comments: comments.filter(({ value }) => value.startsWith("*")) };
  modules.set(file, found);
  return found;
}

function imported(module, specifier, modules) {
  return moduleAt(resolve(dirname(module.file), specifier.replace(/\.js$/, ".d.ts")), modules);
}

/** @returns {Map<string, object>} Name → where it is declared. */
function exportsOf(module, modules) {
  const found = new Map();
  for (const node of module.body) {
    if (node.type === "ExportAllDeclaration") {
      for (const [name, each] of exportsOf(imported(module, node.source.value, modules), modules))
        found.set(name, each);
    } else if (node.type === "ExportNamedDeclaration") {
      const from = node.source ? imported(module, node.source.value, modules) : module;
      for (const { local, exported } of node.specifiers) {
        const each = node.source ? exportsOf(from, modules).get(local.name) : meaningOf(from, local.name, modules);
        if (!each) throw new Error(`${module.file}: nothing is known of ${local.name}`);
        found.set(exported.name, each);
      }
      for (const name of node.declaration ? namesOf(node.declaration) : []) {
        found.set(name, { module, node, declaration: node.declaration });
      }
    }
  }
  return found;
}

/** What a name means within a module: its own, or what it imports. */
function meaningOf(module, name, modules) {
  for (const node of module.body) {
    const declaration = node.type === "ExportNamedDeclaration" ? node.declaration : node;
    if (declaration && KINDS[declaration.type] && namesOf(declaration).includes(name)) {
      return { module, node, declaration };
    }
    if (node.type !== "ImportDeclaration" || !node.source.value.startsWith(".")) continue;
    const specifier = node.specifiers.find(({ local }) => local.name === name);
    if (specifier) return exportsOf(imported(module, node.source.value, modules), modules).get(specifier.imported.name);
  }
  return undefined;
}

function namesOf(declaration) {
  if (declaration.type === "VariableDeclaration") return declaration.declarations.map(({ id }) => id.name);
  return declaration.id ? [declaration.id.name] : [];
}

function describe(name, { module, node, declaration }, modules) {
  const { body } = declaration;
  const end = hasMembers(declaration) ? body.start : declaration.end;
  const text = module.text.slice(declaration.start, end).replace(/^declare /, "");
  return {
    name,
    kind: KINDS[declaration.type] ?? "declaration",
    comment: commentBefore(module, node.start),
    text: text.trim().replace(/;$/, ""),
    members: hasMembers(declaration) ? membersOf({ module, declaration }, modules) : [],
  };
}

/** @returns {Member[]} */
function membersOf({ module, declaration }, modules) {
  // A class that is not exported itself stands for nothing but its members.
  const inherited = membersOfNamed(module, declaration.superClass, modules);
  const promised = [...(declaration.implements ?? []), ...(declaration.extends ?? [])].flatMap(({ expression }) =>
    membersOfNamed(module, expression, modules),
  );
  const members = declaration.body.body.filter(isPublic);
  const own = members.map((member) => {
    const name = memberName(module, member);
    // Its getter says what both are.
    const isSecond = member.kind === "set" && members.some(({ kind, key }) => kind === "get" && key.name === name);
    const takesOver = !isSecond && member.kind !== "constructor";
    const above = takesOver && [...inherited, ...promised].find((each) => each.name === name && each.comment !== "");
    const isErrorName = name === "name" && declaration.superClass?.name === "Error";
    return {
      name,
      comment: commentBefore(module, member.start) || (above ? above.comment : ""),
      text: module.text.slice(member.start, member.end).replace(/;$/, ""),
      needsComment: !isSecond && !isErrorName && !OF_THE_DOM.test(name),
    };
  });
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...inherited.filter(({ name }) => !names.has(name))];
}

/** Of a class or an interface of ours; none of another's, or of a type that is made from one. */
function membersOfNamed(module, named, modules) {
  const found = named?.type === "Identifier" ? meaningOf(module, named.name, modules) : undefined;
  return found && hasMembers(found.declaration) ? membersOf(found, modules) : [];
}

function hasMembers({ type }) {
  return type === "ClassDeclaration" || type === "TSInterfaceDeclaration";
}

function isPublic({ key, accessibility, kind, value }) {
  if (key?.type === "PrivateIdentifier" || accessibility === "private" || accessibility === "protected") return false;
  return !(kind === "constructor" && value.params.length === 0);
}

/** Getter and setter are one member; what has no name (a call, an index) has its text. */
function memberName(module, { key, start, end }) {
  return key ? module.text.slice(key.start, key.end) : module.text.slice(start, end);
}

function commentBefore({ comments, text }, start) {
  const comment = comments.findLast(({ end }) => end <= start);
  return comment && text.slice(comment.end, start).trim() === "" ? textOf(comment) : "";
}

function textOf({ value }) {
  return value
    .slice(1)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();
}
