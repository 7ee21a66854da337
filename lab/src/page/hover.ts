/** The numbers under the pointer, in one small box that follows it. */
const box = document.createElement('div');
box.className = 'hover';
box.hidden = true;
box.setAttribute('aria-hidden', 'true');
document.body.append(box);

export const showHover = (text: string, x: number, y: number): void => {
  box.textContent = text;
  box.hidden = false;
  const { width, height } = box.getBoundingClientRect();
  const left = Math.max(4, Math.min(x + 14, innerWidth - width - 4));
  const top = y + 20 + height > innerHeight ? y - height - 10 : y + 18;
  box.style.transform = `translate(${left}px, ${Math.max(4, top)}px)`;
};

export const hideHover = (): void => {
  box.hidden = true;
};

/** Three significant digits at most, with a true minus. */
export const brief = (value: number): string => {
  const size = Math.abs(value);
  const text = size !== 0 && size < 5e-4 ? value.toExponential(0) : Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 3)).toString();
  return text.replaceAll('-', '−');
};
