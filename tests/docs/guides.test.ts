import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const index = readFileSync('docs/guides.md', 'utf8');
/** The guides of the front matter, which the site shows in this order. */
const listed = index.match(/(?<=^ {2}- )guides\/.*\.md$/gm) ?? [];
const guides = readdirSync('docs/guides').map(name => `guides/${name}`);

test('the site lists every guide under Guides', () => {
  expect(listed.toSorted()).toEqual(guides.toSorted());
});

test('the page of the guides has a link to each, in the order of the list', () => {
  expect(index.match(/(?<=\]\()guides\/.*?\.md(?=\))/g)).toEqual(listed);
});
