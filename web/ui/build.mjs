/**
 * Bundle the browser parts: `node build.mjs OUTPUT_FOLDER`.
 *
 * Every file name but the three below carries a hash of its content, so pages may be told to keep
 * them for ever. The fixed names are manifest.json (entry -> file), THIRD-PARTY.txt (whose code is
 * inside, under which licence) and, per bundle, *.LEGAL.txt.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import * as esbuild from 'esbuild';

const ENTRIES = ['page.js', 'viewer.js', 'viewer.css', 'studio.js', 'studio.css', 'scenarios.js', 'fonts.css'];

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, '../static/dist'));

const { metafile } = await bundle();
await writeFile(path.join(out, 'manifest.json'), manifest(metafile));
await writeFile(path.join(out, 'THIRD-PARTY.txt'), await thirdParty(metafile));
console.error(`front end: ${ENTRIES.length} bundles, ${await kilobytes(out)} kB`);

async function bundle() {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  return esbuild.build({
    absWorkingDir: here,
    entryPoints: ENTRIES.map((entry) => `src/${entry}`),
    outdir: out,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    assetNames: '[name]-[hash]',
    legalComments: 'linked',
    loader: { '.woff2': 'file' },
    logLevel: 'warning',
    metafile: true,
  });
}

/** Say which file holds which entry; keys in a fixed order, so equal sources make equal bytes. */
function manifest({ outputs }) {
  const files = new Map();
  for (const [file, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint) files.set(path.basename(entryPoint), path.basename(file));
  }
  const missing = ENTRIES.filter((entry) => !files.has(entry));
  if (missing.length > 0) throw new Error(`esbuild wrote no file for ${missing.join(', ')}`);
  return JSON.stringify(Object.fromEntries(ENTRIES.map((e) => [e, files.get(e)])), null, 2) + '\n';
}

/** Print name, version and licence text of each package that ended up in a bundle. */
async function thirdParty({ inputs }) {
  const folders = new Set();
  for (const input of Object.keys(inputs)) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) folders.add(match[1]);
  }
  const notices = [];
  for (const folder of [...folders].sort()) notices.push(await notice(path.join(here, folder)));
  return notices.join(`\n${'='.repeat(72)}\n\n`);
}

async function notice(folder) {
  const about = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  if (!file) throw new Error(`${about.name} has no licence text, so it may not be shipped`);
  const text = await readFile(path.join(folder, file), 'utf8');
  return `${about.name} ${about.version}\n\n${text.trimEnd()}\n`;
}

async function kilobytes(folder) {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(path.join(folder, name))).size);
  return Math.round((await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 1000);
}
