// What the reference page does where scripts run: finds operations by a word, copies examples, folds the list on small screens. Without
// it everything is there to read.

export const SCRIPT = `
const find = document.querySelector('#find');
find.hidden = false;
find.addEventListener('input', () => {
  const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const group of document.querySelectorAll('.side details')) {
    let found = 0;
    for (const item of group.querySelectorAll('li')) {
      const isFound = words.every((word) => item.dataset.words.includes(word));
      item.classList.toggle('none', !isFound);
      found += isFound;
    }
    group.classList.toggle('none', found === 0);
    if (words.length > 0) group.open = found > 0;
  }
});
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  find.focus();
});
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.closest('figure').querySelector('pre').textContent);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
}
if (matchMedia('(max-width: 52rem)').matches) for (const group of document.querySelectorAll('.side details')) group.open = false;
`;
