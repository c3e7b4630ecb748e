/**
 * Builds the chat into bot/web/static: chat.js, chat/panel-<hash>.js and LICENSES.txt. The same sources give the same bytes.
 *
 *   node build.mjs            build, and print the sizes
 *   node build.mjs --tests    bundle the unit tests into .test/
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";
import { parse } from "yaml";

const HERE = dirname(fileURLToPath(import.meta.url));
const STATIC = join(HERE, "..", "bot", "web", "static");
const PHRASES = join(HERE, "..", "nlu_data", "phrases", "widget.yml");
const LANGUAGES = ["de", "en", "zh"];
const LAUNCHER_TEXTS = ["launcher", "unread", "unavailable"];
/** gzip, in bytes; what a visitor's browser loads must not grow beyond it. */
const LIMITS = { loader: 3_000, whole: 15_000 };

const common = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  target: ["es2022", "chrome123", "firefox128", "safari17.5"],
  charset: "utf8",
  legalComments: "none", // the licences stand in LICENSES.txt
  write: false,
  metafile: true,
};

/** A style sheet is imported as its minified text. */
const styleSheets = {
  name: "style-sheets",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: common.target });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

async function bundle(entry, options) {
  const { outputFiles, metafile } = await esbuild.build({ ...common, entryPoints: [entry], plugins: [styleSheets], ...options });
  // Templates are the only literals with indented lines; between tags these mean nothing.
  const flat = outputFiles[0].text.replace(/(?<=[>}])\n +(?=[<$])/g, "").replace(/\n +/g, " ");
  const { code } = await minify(flat, { module: true, ecma: 2022, compress: { passes: 3, unsafe_arrows: true } });
  return { code, inputs: Object.keys(metafile.inputs) };
}

/** Return the launcher's texts in each language. */
async function labels() {
  const phrases = parse(await readFile(PHRASES, "utf8"));
  const of = (language) => Object.fromEntries(LAUNCHER_TEXTS.map((name) => [name, phrases[`widget_${name}`][language]]));
  return Object.fromEntries(LANGUAGES.map((language) => [language, of(language)]));
}

/** Return the licences of the packages that these files come from. */
async function licences(inputs) {
  const names = new Set(inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
  const of = async (name) => {
    const folder = join(HERE, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    return `${name} ${version} (${license})\n\n${(await readFile(join(folder, "LICENSE"), "utf8")).trim()}\n`;
  };
  const rule = `\n${"-".repeat(80)}\n\n`;
  const intro = "The files chat.js and chat/*.js contain code of these packages:\n";
  return [intro, ...(await Promise.all([...names].sort().map(of)))].join(rule);
}

async function build() {
  const panel = await bundle("src/panel.ts", { format: "esm" });
  const name = `chat/panel-${createHash("sha256").update(panel.code).digest("hex").slice(0, 10)}.js`;
  const define = { PANEL: JSON.stringify(name), LABELS: JSON.stringify(await labels()) };
  const loader = await bundle("src/loader.ts", { format: "iife", define });
  await mkdir(join(STATIC, "chat"), { recursive: true });
  const old = (await readdir(join(STATIC, "chat"))).map((file) => `chat/${file}`).filter((file) => file !== name);
  await Promise.all(old.map((file) => rm(join(STATIC, file))));
  await writeFile(join(STATIC, name), panel.code);
  await writeFile(join(STATIC, "chat.js"), loader.code);
  await writeFile(join(STATIC, "LICENSES.txt"), await licences([...panel.inputs, ...loader.inputs]));
  await weigh(loader.code, panel.code);
}

/** Print what a visitor loads, with the texts of the largest language, and fail if it is too much. */
async function weigh(loader, panel) {
  const zip = (data) => gzipSync(data, { level: 9 }).length;
  const phrases = parse(await readFile(PHRASES, "utf8"));
  const texts = Math.max(...LANGUAGES.map((tag) => zip(JSON.stringify(Object.fromEntries(Object.entries(phrases).map(([key, text]) => [key.replace("widget_", ""), text[tag]]))))));
  const sizes = { loader: zip(loader), panel: zip(panel), texts, whole: zip(loader) + zip(panel) + texts };
  console.log(Object.entries(sizes).map(([part, size]) => `${part} ${size} B`).join(", "), "(gzip)");
  for (const [part, limit] of Object.entries(LIMITS)) if (sizes[part] > limit) throw new Error(`${part}: more than ${limit} B`);
}

async function tests() {
  const folder = join(HERE, ".test");
  await rm(folder, { recursive: true, force: true });
  const files = (await readdir(join(HERE, "test"))).filter((file) => file.endsWith(".test.ts"));
  await esbuild.build({
    ...common, minify: false, write: true, target: "node18", metafile: false, format: "esm", platform: "node", outdir: folder, outExtension: { ".js": ".mjs" },
    entryPoints: files.map((file) => join("test", file)), plugins: [styleSheets],
  });
}

await (process.argv.includes("--tests") ? tests() : build());
