import { noGrad } from '@tapegrad/autograd';
import { GradError } from '@tapegrad/tensor';
import { expect, test } from 'vitest';

test('noGrad reports an asynchronous function that fails once, by its own error', async () => {
  const rejections: unknown[] = [];
  const listen = (reason: unknown): number => rejections.push(reason);
  process.on('unhandledRejection', listen);
  expect(() =>
    noGrad(async () => {
      throw new Error('later');
    }),
  ).toThrow(GradError);
  await new Promise(resolve => setTimeout(resolve, 0));
  process.off('unhandledRejection', listen);
  expect(rejections).toEqual([]);
});
