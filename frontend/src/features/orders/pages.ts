// Orders in one chunk; the start page does without them.
export { OrderPage } from './OrderPage';
export { OrdersPage } from './OrdersPage';
