// Reads a city with Node's fetch, validates it and updates it, and prints what happened, one fact a line.
// Usage: node node-fetch.mjs URL
const url = process.argv[2]

async function send(name, options = {}) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(20_000), ...options })
    const text = await answer.text()
    console.log(`${name}.status ${answer.status}`)
    console.log(`${name}.coding ${answer.headers.get("content-encoding") ?? "none"}`)
    console.log(`${name}.tag ${answer.headers.get("etag")}`)
    console.log(`${name}.length ${text.length}`)
    // A refused update has a body, too, but none with a population.
    if (answer.ok) console.log(`${name}.population ${JSON.parse(text).population}`)
    return answer.headers.get("etag")
}

function update(name, tag, population) {
    return send(name, {
        method: "PATCH",
        headers: { "if-match": tag, "content-type": "application/json" },
        body: JSON.stringify({ population }),
    })
}

const tag = await send("first")
await send("second", { headers: { "if-none-match": tag } })
await update("update", tag, 2000011)
await update("late_update", tag, 2000012)
await send("third", { headers: { "if-none-match": tag } })
