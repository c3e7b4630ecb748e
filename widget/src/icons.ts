/** Line icons, 24 × 24, as path data. */

export const CHAT = "M4 5h16v11H9l-5 4z";
export const CLOSE = "M6 6l12 12M18 6L6 18";
export const MORE = "M5 12h.01M12 12h.01M19 12h.01";
export const SEND = "M5 12h13M12 5l7 7-7 7";
export const THUMB = "M7 11v9H4v-9zm0 0l4-7c1.5 0 2.5 1 2 3l-.6 3H19c1 0 1.5 1 1.3 2l-1.5 6.5c-.2 1-1 1.5-1.800 1.5H7";
