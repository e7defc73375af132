import type { Report } from '../../examples/04-char-rnn/report/page.ts';

/** A run of thirty steps, of which three looked at themselves. */
export function report(): Report {
  const steps = Array.from({ length: 30 }, (_, i) => i + 1);
  const characters = [...'To be, or not\nto be'];
  return {
    title: 'LSTM, 8 wide, on hamlet.txt',
    history: steps.map(step => ({
      step,
      loss: 2.4 + 2 / step,
      gradientNorm: 12 / step,
      heldOut: step % 10 === 0 ? 2.6 + 1 / step : undefined,
    })),
    samples: [10, 20, 30].map(step => ({ step, temperature: 0.7, prompt: 'To', text: ` be the ${step}th\nof them` })),
    hidden: {
      characters,
      states: characters.map((_, i) => Array.from({ length: 8 }, (_, unit) => Math.sin(i * (unit + 1)))),
    },
    clip: 5,
    facts: [
      ['cell', 'lstm'],
      ['hidden', '8'],
    ],
  };
}
