import { isCount, isObject, isText } from "./protocol.js";

/** Whether a value that came from the other side has a form. */
export type Shape = (value: unknown) => boolean;

export const flag: Shape = (value) => typeof value === "boolean";
export const missing: Shape = (value) => value === undefined;
export const bytes: Shape = (value) => value instanceof Uint8Array;

export function either(...shapes: readonly Shape[]): Shape {
  return (value) => shapes.some((shape) => shape(value));
}

export function oneOf(...values: readonly unknown[]): Shape {
  return (value) => values.includes(value);
}

export function list(of: Shape, most: number): Shape {
  return (value) => Array.isArray(value) && value.length <= most && value.every(of);
}

/** An object whose keys may be any. */
export function record(of: Shape, most: number): Shape {
  return (value) => isObject(value) && Object.keys(value).length <= most && Object.values(value).every(of);
}

/** An object with these keys and no others. */
export function shape(keys: Readonly<Record<string, Shape>>): Shape {
  return (value) =>
    isObject(value) &&
    Object.keys(value).every((key) => Object.hasOwn(keys, key)) &&
    Object.entries(keys).every(([key, check]) => check(value[key]));
}

export { isCount as count, isText as text };
