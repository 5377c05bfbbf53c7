// The server serves the module of the package `uplot` under this name.
export { default } from 'uplot';
