// What the Node client scripts share: what to talk to, one line a check, and the exit status. It is copied beside them.
export const { BASE_URL, API_KEY, MODEL, ROUTE, TEXT } = process.env;
// Where the server itself is; OpenAI's clients want /v1 behind it.
export const SERVER = BASE_URL.replace(/\/v1$/, "");

let checked = 0;
let failed = 0;

/** Runs a check at once and prints how it went. */
export async function check(name, run) {
    checked += 1;
    try {
        await run();
        console.log(`  ok      ${name}`);
    } catch (error) {
        failed += 1;
        console.log(`  FAILED  ${name}`);
        console.error(error);
    }
}

/** Leaves with the status; having checked nothing is a failure. */
export function end() {
    process.exit(failed === 0 && checked > 0 ? 0 : 1);
}
