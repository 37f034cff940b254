// A question about one run, for where streams do not get through.

import { api } from "../shared/api.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { News } from "../shared/types.js" */

/**
 * What the server says of a run since its cursor: news, "lost" where it has no such run, null where no answer came.
 * @param {string} base
 * @param {Pick<Run, "cursor">} run
 * @returns {Promise<News | "lost" | null>}
 */
export async function ask(base, { cursor }) {
  const [key, rows, errors, more] = cursor.split(":");
  try {
    const answer = await fetch(api(base, `runs/${key}`, { since: rows, errors_since: errors, more_since: more }));
    if (answer.ok) return await answer.json();
    return answer.status === 404 ? "lost" : null;
  } catch {
    return null;
  }
}
