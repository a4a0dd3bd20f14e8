// Attribute values in DynamoDB's own JSON, such as {"N": "5"}. A number stays text, so that no digit is lost.

const MAX_DIGITS = 38;
const MIN_EXPONENT = -130;
const MAX_EXPONENT = 125;
const PREVIEW_LENGTH = 100;
const PREVIEW_MEMBERS = 20;

export const typeOf = (value) => Object.keys(value)[0];

export const contentOf = (value) => Object.values(value)[0];

/** A number's sign, significant digits, and the power of ten of the first of them. */
export function decimal(text) {
  const [, sign, whole, fraction = "", exponent = "0"] = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const all = whole + fraction;
  const digits = all.replace(/^0+/, "").replace(/0+$/, "");
  const leadingZeros = all.length - all.replace(/^0+/, "").length;
  return {
    negative: sign === "-" && digits !== "",
    digits,
    exponent: digits ? Number(exponent) + whole.length - leadingZeros - 1 : 0,
  };
}

export const isNumber = (text) => /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);

export function numberProblem(text) {
  const { digits, exponent } = decimal(text);
  if (digits.length > MAX_DIGITS)
    return `A number has up to ${MAX_DIGITS} digits, and this one has ${digits.length}. Send it as a string.`;
  if (exponent < MIN_EXPONENT || exponent > MAX_EXPONENT)
    return `A number is between 1E${MIN_EXPONENT} and 9.9E${MAX_EXPONENT}, or zero. Send this one as a string.`;
  return null;
}

function compareNumbers(left, right) {
  const [a, b] = [decimal(left), decimal(right)];
  const size = (n) => (n.digits ? (n.negative ? -1 : 1) : 0);
  if (size(a) !== size(b)) return size(a) - size(b);
  const difference = a.exponent - b.exponent || compareTexts(a.digits, b.digits);
  return a.negative ? -difference : difference;
}

const compareTexts = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

export function base64Problem(text) {
  try {
    atob(text);
    if (text.length % 4 === 0 && !/[^A-Za-z0-9+/=]/.test(text)) return null;
  } catch {
  }
  return "Binary values are base64 text with its padding, such as AAEC or AA==.";
}

/** A text that is equal for values that DynamoDB takes as equal. */
export function canonical(value) {
  const [type, content] = [typeOf(value), contentOf(value)];
  if (type === "N") return canonicalNumber(content);
  if (type === "NS") return `NS${JSON.stringify(content.map(canonicalNumber).sort())}`;
  if (type === "SS" || type === "BS") return type + JSON.stringify([...content].sort());
  if (type === "L") return `[${content.map(canonical).join()}]`;
  if (type === "M") return canonicalItem(content);
  return type + JSON.stringify(content);
}

function canonicalNumber(text) {
  const { negative, digits, exponent } = decimal(text);
  return `N${negative ? "-" : ""}${digits}e${exponent}`;
}

export function canonicalItem(item) {
  const members = Object.entries(item).map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`);
  return `{${members.sort().join()}}`;
}

const beginning = (members, write) => members.slice(0, PREVIEW_MEMBERS).map(write).join(", ");

const PREVIEW = {
  NULL: () => "null",
  L: (items) => `[${beginning(items, preview)}]`,
  M: (item) => `{${beginning(Object.keys(item), String)}}`,
};

const previewPlain = (content) => (Array.isArray(content) ? beginning(content, String) : String(content));

export function preview(value) {
  const text = (PREVIEW[typeOf(value)] ?? previewPlain)(contentOf(value));
  return text.length > PREVIEW_LENGTH ? `${text.slice(0, PREVIEW_LENGTH)}…` : text;
}

export const previewKey = (key) => Object.values(key).map(preview).join(", ");

export function compareValues(a, b) {
  if (typeOf(a) !== typeOf(b)) return compareTexts(typeOf(a), typeOf(b));
  if (typeOf(a) === "N") return compareNumbers(a.N, b.N);
  return compareTexts(String(contentOf(a)), String(contentOf(b)));
}
