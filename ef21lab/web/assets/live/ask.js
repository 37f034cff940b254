// A question about one run, for where streams do not get through.

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
  const layer = more === undefined ? "" : `&more_since=${more}`;
  try {
    const answer = await fetch(`${base}/api/runs/${key}?since=${rows}&errors_since=${errors}${layer}`);
    if (answer.ok) return await answer.json();
    return answer.status === 404 ? "lost" : null;
  } catch {
    return null;
  }
}
