// Node takes a file for what the nearest package.json says: without this one, dist/cjs would be read as ES modules.
import { writeFileSync } from "node:fs";

writeFileSync("dist/cjs/package.json", '{ "type": "commonjs" }\n');
