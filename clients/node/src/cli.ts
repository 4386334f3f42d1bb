#!/usr/bin/env node
// `npx payment-provider-emulator` runs the command `emulator`, or the image that EMULATOR_IMAGE names.

import { spawn } from "node:child_process";

import { findOnPath } from "./launch.js";

const NOT_FOUND = 127;
const args = process.argv.slice(2);
const image = process.env["EMULATOR_IMAGE"];
const program = image ? findOnPath("docker") : findOnPath("emulator");
const docker = ["run", "--rm", "--init", "--publish", "127.0.0.1:8900-8904:8900-8904", image ?? ""];

if (program === undefined) {
  const missing = image ? "docker, which would run EMULATOR_IMAGE, is not on the PATH" : "there is no command `emulator` on the PATH";
  console.error(`${missing}: pip install payment-provider-emulator, or name an image with EMULATOR_IMAGE`);
  process.exitCode = NOT_FOUND;
} else {
  const child = spawn(program, image ? [...docker, ...args] : args, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0);
  });
}
