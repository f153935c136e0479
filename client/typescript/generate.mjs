// SPDX-License-Identifier: Apache-2.0
//
// Generates src/generated from the contract, with what npm has installed: the messages' types, and the contract as data.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const protos = here('../../proto');
const out = here('src/generated');
const services = ['agent', 'circuit', 'server'].map((name) => `phasic/v1/${name}_service.proto`);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
execFileSync(process.execPath, [
  here('node_modules/@grpc/proto-loader/build/bin/proto-loader-gen-types.js'),
  ...['--enums=String', '--defaults', '--oneofs', '--includeComments'],
  ...['--grpcLib=@grpc/grpc-js', '--importFileExtension=.js', `--includeDirs=${protos}`, `--outDir=${out}`],
  ...services,
]);

const root = new protobuf.Root();
const resolve = root.resolvePath.bind(root);
root.resolvePath = (origin, target) =>
  target.startsWith('google/') ? resolve(origin, target) : `${protos}/${target}`;
root.loadSync(services).resolveAll();
writeFileSync(`${out}/contract.ts`, `const contract: unknown = ${JSON.stringify(root.toJSON())};\nexport default contract;\n`);
