// The installable example as people get it: packed, installed in an empty folder, and run by npx. Run after `npm run build`.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'tapegrad-char-'));
try {
  const project = install(folder);
  console.log('installed from packages');
  await runAll(project);
  console.log('tapegrad-char works where it is installed', process.version);
} finally {
  rmSync(folder, { recursive: true });
}

/** Packs what is published and installs it in an empty project, whose path it returns. */
function install(folder) {
  const workspaces = [...readdirSync('packages').map(name => join('packages', name)), join('examples', '04-char-rnn')];
  const packages = workspaces.map(cwd => {
    const args = ['pack', '--json', '--pack-destination', folder];
    const [{ filename }] = JSON.parse(execFileSync('npm', args, { cwd, encoding: 'utf8' }));
    return join(folder, filename);
  });
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], { cwd: project });
  return project;
}

async function runAll(cwd) {
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' };
  /** What the program prints; it must end with this exit code. */
  const run = (args, { code = 0, input = '' } = {}) => {
    const options = { cwd, env, input, encoding: 'utf8', timeout: 120_000 };
    const { status, stdout, stderr } = spawnSync('npx', ['--no-install', 'tapegrad-char', ...args], options);
    assert.equal(status, code, `${args.join(' ')}: ${stderr}`);
    return { stdout, stderr };
  };
  const events = args =>
    run([...args, '--json'])
      .stdout.trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));

  const { version } = JSON.parse(readFileSync('examples/04-char-rnn/package.json', 'utf8'));
  assert.equal(run(['--version']).stdout, `${version}\n`);
  assert.match(run(['--help']).stdout, /^ {2}npx tapegrad-char train book\.txt/m);
  assert.match(run(['demo']).stdout, /^All 22: equal to 1e-6/m);
  assert.match(run(['completions', 'bash']).stdout, /^complete -F _tapegrad_char tapegrad-char$/m);

  const text = readFileSync('LICENSE', 'utf8');
  const small = ['--hidden', '16', '--steps', '20', '--every', '10', '--sample', '30'];
  const trained = run(['train', '-', ...small], { input: text });
  assert.equal(trained.stderr, '', 'a program that is installed has no warnings of Node');
  assert.match(trained.stdout, /^Trained 20 steps: loss /m);
  for (const name of ['checkpoint.safetensors', 'metrics.jsonl', 'loss.svg', 'standard-input.txt'])
    assert.ok(existsSync(join(cwd, 'runs', 'char-rnn', name)), name);
  assert.equal(events(['resume', '--steps', '22']).filter(({ event }) => event === 'step').length, 2);
  assert.match(run(['sample', '--prompt', 'The ', '--sample', '5']).stdout, /^The [\s\S]{5}\n$/);
  assert.match(run(['train', 'missing'], { code: 1 }).stderr, /^error: --text missing: .* no such file or folder\n$/);
  assert.match(run(['trian'], { code: 2 }).stderr, /^error: expected a command, .* \(npx tapegrad-char --help /);

  await interrupt({ cwd, env });
}

/** Ctrl-C saves the run, and says how to go on with it. */
async function interrupt(options) {
  const args = ['train', 'runs/char-rnn/standard-input.txt', '--steps', '100000', '--out', 'interrupted'];
  const program = spawn(process.execPath, [join('node_modules', 'tapegrad-char', 'dist', 'cli.js'), ...args], options);
  let stdout = '';
  program.stdout.on('data', chunk => (stdout += chunk));
  await once(program.stdout, 'data');
  program.kill('SIGINT');
  const [code] = await once(program, 'close');
  assert.equal(code, 130);
  assert.match(stdout, /^Go on with: tapegrad-char resume --out interrupted$/m);
  assert.ok(existsSync(join(options.cwd, 'interrupted', 'checkpoint.safetensors')));
}
