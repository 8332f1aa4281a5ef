// Every execution environment has a /tmp of its own: paths below /tmp are moved to this host's folder.
'use strict';

const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const ONE_PATH = [
  'access', 'appendFile', 'chmod', 'chown', 'createReadStream', 'createWriteStream', 'exists', 'lstat', 'mkdir', 'mkdtemp', 'open',
  'opendir', 'readFile', 'readdir', 'readlink', 'realpath', 'rm', 'rmdir', 'stat', 'statfs', 'truncate', 'unlink', 'utimes', 'watch',
  'writeFile',
]; // prettier-ignore
const TWO_PATHS = ['copyFile', 'cp', 'link', 'rename', 'symlink'];

/** The function's own code, the folder itself, this runtime and what it keeps may all lie below the machine's /tmp: those paths stay. */
function installScratch(folder, kept) {
  const stays = [process.env.LAMBDA_TASK_ROOT, folder, __dirname, kept];
  const moved = (path) => {
    if (typeof path === 'string' && stays.some((own) => path === own || path.startsWith(`${own}/`))) return path;
    if (typeof path === 'string' && (path === '/tmp' || path.startsWith('/tmp/'))) return folder + path.slice(4);
    if (path instanceof URL && path.protocol === 'file:' && path.pathname.startsWith('/tmp/'))
      return folder + path.pathname.slice(4);
    return path;
  };
  const wrap = (owner, name, paths) => {
    const original = owner[name];
    if (typeof original !== 'function') return;
    const wrapped = function (...args) {
      for (let i = 0; i < paths; i++) args[i] = moved(args[i]);
      return back(Reflect.apply(original, this, args), name);
    };
    owner[name] = Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  };
  // What mkdtemp and realpath answer is a path again, and must read as one below /tmp.
  const back = (answer, name) => {
    if (!/^(mkdtemp|realpath)/.test(name)) return answer;
    if (typeof answer === 'string' && answer.startsWith(folder)) return `/tmp${answer.slice(folder.length)}`;
    return typeof answer?.then === 'function' ? answer.then((value) => back(value, name)) : answer;
  };
  for (const [names, paths] of [
    [ONE_PATH, 1],
    [TWO_PATHS, 2],
  ]) {
    for (const name of names) {
      wrap(fs, name, paths);
      wrap(fs, `${name}Sync`, paths);
      wrap(fs.promises, name, paths);
    }
  }
  syncBuiltinESMExports();
}

module.exports = { installScratch };
