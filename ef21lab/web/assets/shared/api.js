// Where the server answers.

/**
 * The address of one of its answers; what is undefined is not asked.
 * @param {string} base  the path under which the lab is served
 * @param {string} path  within the server's own, such as `runs/KEY`
 * @param {Record<string, string | number | undefined>} [asked]
 */
export function api(base, path, asked = {}) {
  const words = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const query = new URLSearchParams(words).toString();
  return `${base.replace(/\/$/, "")}/api/${path}${query && `?${query}`}`;
}
