/** Canvases that are drawn again when what they show, their width or the scheme changes, and only then. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Scheme, scheme } from './colours.js';

/** A canvas' context and size in pixels of the screen, cleared, `tall` pixels of the page high; null where it is not shown. */
export const fresh = (canvas: HTMLCanvasElement, tall: number): { readonly context: CanvasRenderingContext2D; readonly ratio: number; readonly width: number; readonly height: number } | null => {
  const ratio = devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(tall * ratio)];
  if (width === 0) return null;
  canvas.width = width;
  canvas.height = height;
  return { context: canvas.getContext('2d')!, ratio, width, height };
};

export const usePainted = <T>(paint: (canvas: HTMLCanvasElement, shown: T, of: Scheme) => void, shown: T): RefObject<HTMLCanvasElement | null> => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const of = scheme.value;
  useEffect(() => {
    const element = canvas.current!;
    paint(element, shown, of);
    const observer = new ResizeObserver(() => paint(element, shown, of));
    observer.observe(element);
    return () => observer.disconnect();
  }, [shown, of]);
  return canvas;
};
