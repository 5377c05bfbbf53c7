/** `$12.34`, `$1,234`; below a cent as many digits as it takes to say two: `$0.0000037`. Never `$0.00` for what is not nothing. */
export const formatUsd = (usd: number): string => {
  if (usd === 0) return '$0.00';
  if (usd < 0.005) {
    const twoDigits = Number(usd.toPrecision(2));
    return `$${twoDigits.toFixed(1 - Math.floor(Math.log10(twoDigits)))}`;
  }
  if (usd >= 999.5) return `$${Math.round(usd).toLocaleString('en-US')}`;
  return `$${usd.toFixed(2)}`;
};
