import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const FOLDER = fileURLToPath(new URL("..", import.meta.url));
const { name, exports: entries } = JSON.parse(readFileSync(`${FOLDER}/package.json`, "utf8"));

/** What each entry has, by the name under which it is imported; Vitest's own loads nowhere but in Vitest. */
const WANTED: Record<string, string[]> = {
  ".": ["startEmulator", "verifyBassWallet", "verifyChangelly", "verifyKoywe"],
  "./jest": ["useEmulator"],
  "./global-setup": ["default"],
};

/** The names that plain Node gets, by a program. */
function namesBy(program: string, ...flags: string[]): string[] {
  return JSON.parse(execFileSync(process.execPath, [...flags, "-e", program], { cwd: FOLDER, encoding: "utf8" }));
}

test.each(Object.entries(WANTED))("%s is there for import and for require", (entry, wanted) => {
  const path = JSON.stringify(name + entry.slice(1));
  const imported = `const all = await import(${path}); console.log(JSON.stringify(Object.keys(all)));`;
  expect(namesBy(imported, "--input-type=module")).toEqual(expect.arrayContaining(wanted));
  const required = `console.log(JSON.stringify(Object.keys(require(${path}))));`;
  expect(namesBy(required)).toEqual(expect.arrayContaining(wanted));
});

test("every entry point can be imported in each way, with its types", async () => {
  expect(Object.keys(entries).sort()).toEqual([...Object.keys(WANTED), "./vitest", "./package.json"].sort());
  expect(await import("payment-provider-emulator/vitest")).toHaveProperty("useEmulator");
  for (const entry of Object.keys(WANTED)) {
    for (const way of ["import", "require"]) {
      expect(readFileSync(`${FOLDER}/${entries[entry][way].types}`, "utf8")).toContain("export");
    }
  }
});
