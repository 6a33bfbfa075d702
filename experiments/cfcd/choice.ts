/** How the settings were chosen: what was tried on the held-out classes, for the page. */
export const CHOICE = `To be written.`;
