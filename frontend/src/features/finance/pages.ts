// The finance desk in a chunk of its own.
export { FinanceDesk } from './FinanceDesk';
