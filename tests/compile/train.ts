import { type CompileOptions, compile, manualSeed, nn, optim, randn, type Tensor } from 'tapegrad';

/** What ten compiled steps of a small training give, and what ran them. */
export function train(options: CompileOptions): { readonly executor: string; readonly numbers: number[] } {
  manualSeed(1);
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Dropout(0.2), new nn.Linear(8, 2));
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01 });
  const step = compile((x: Tensor, y: Tensor) => {
    optimizer.zeroGrad();
    const loss = model.forward(x).mseLoss(y);
    loss.backward();
    optimizer.step();
    return loss.detach();
  }, options);
  const losses = Array.from({ length: 10 }, () => step(randn([6, 4]), randn([6, 2])).item());
  return { executor: step.stats()!.executor, numbers: [...losses, ...model.parameters().flatMap(p => [...p.data])] };
}
