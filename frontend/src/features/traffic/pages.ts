// Calls, clicks and pings in one chunk; the start page does without them.
export { CallPage } from './CallPage';
export { CallsPage } from './CallsPage';
export { ClicksPage } from './ClicksPage';
export { PingPage } from './PingPage';
export { PingsPage } from './PingsPage';
