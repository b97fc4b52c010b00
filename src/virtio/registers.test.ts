import { beforeEach, expect, test } from "vitest";
import { RegisterFile, type Width } from "./registers.js";

const values = new Map<number, number>();
const log: string[] = [];

function register(offset: number, width: Width, initial: number) {
  values.set(offset, initial);
  return {
    offset,
    width,
    read: () => {
      log.push(`read ${offset}`);
      return values.get(offset)!;
    },
    write: (value: number) => {
      log.push(`write ${offset}`);
      values.set(offset, value);
    },
  };
}

let file: RegisterFile;

beforeEach(() => {
  values.clear();
  const readOnly = { offset: 8, width: 1 as const, read: () => 0x5a };
  file = new RegisterFile(16, [register(0, 4, 0xf4f3f2f1), register(4, 2, 0xaabb), register(6, 2, 0xccdd), readOnly]);
  log.length = 0;
});

test("a register is read and written with its own width", () => {
  expect(file.read(0, 4)).toBe(0xf4f3f2f1);
  file.write(4, 2, 0x1234);
  expect(values.get(4)).toBe(0x1234);
  expect(log).toEqual(["read 0", "write 4"]);
});

test("part of a register", () => {
  expect(file.read(1, 1)).toBe(0xf2);
  expect(file.read(2, 2)).toBe(0xf4f3);
  file.write(3, 1, 0x99);
  expect(values.get(0)).toBe(0x99f3f2f1);
});

test("an access across registers touches each once", () => {
  expect(file.read(4, 4)).toBe(0xccddaabb);
  expect(file.read(3, 4)).toBe(0xddaabbf4);
  expect(log).toEqual(["read 4", "read 6", "read 0", "read 4", "read 6"]);
  log.length = 0;
  file.write(4, 4, 0x11223344);
  expect([values.get(4), values.get(6)]).toEqual([0x3344, 0x1122]);
  expect(log).toEqual(["write 4", "write 6"]);
});

test("holes and the end read 0, and take writes without effect", () => {
  expect(file.read(8, 4)).toBe(0x5a);
  expect(file.read(14, 4)).toBe(0);
  expect(file.read(12, 2)).toBe(0);
  file.write(8, 4, 0xffffffff);
  file.write(15, 4, 1);
  expect(file.read(8, 1)).toBe(0x5a);
});
