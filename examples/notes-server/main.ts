import { DEFAULT_OPTIONS, parseOptions } from './options.ts';
import { startNotesServer } from './server.ts';

const parsed = parseOptions(process.argv.slice(2), process.env);

if (parsed.kind === 'help') process.stdout.write(parsed.text);
else if (parsed.kind === 'problem') fail(parsed.problem, 2);
else {
  const options = { ...DEFAULT_OPTIONS, ...parsed.options, notice: (line: string) => say(line) };
  try {
    const server = await startNotesServer(options);
    const stop = () => void server.close();
    process.once('SIGTERM', stop).once('SIGINT', stop);
    process.stdout.write(`notes server ready at ${server.url}, data in ${options.dataDir}\n`);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error), 1);
  }
}

function say(line: string): void {
  process.stderr.write(`notes-server: ${line}\n`);
}

function fail(sentence: string, exitCode: number): void {
  say(sentence);
  process.exitCode = exitCode;
}
