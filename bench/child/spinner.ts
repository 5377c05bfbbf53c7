// Keeps one core busy until its parent is gone, and for the given time (ms) at most.
const end = performance.now() + Number(process.argv[2]);

const spin = () => {
  const pause = performance.now() + 20;
  while (performance.now() < pause);
  // Lets the news of the parent's end in.
  if (performance.now() < end) setImmediate(spin);
  else process.exit();
};

process.once('disconnect', () => process.exit());
process.send?.({ spinning: true });
spin();
