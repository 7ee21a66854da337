/** The front door's one clock: when others have their turn, what a report says of seconds, which backend is faster. */
export const milliseconds = (): number => performance.now();
