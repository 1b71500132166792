// Reads a city with Node's fetch, validates it and updates it, and prints one result per line.
// Usage: node node-fetch.mjs URL
const url = process.argv[2]

async function send(name, options = {}) {
    const response = await fetch(url, { signal: AbortSignal.timeout(20_000), ...options })
    const text = await response.text()
    console.log(`${name}.status ${response.status}`)
    console.log(`${name}.coding ${response.headers.get("content-encoding") ?? "none"}`)
    console.log(`${name}.tag ${response.headers.get("etag")}`)
    console.log(`${name}.length ${text.length}`)
    // The body of a refused update has no population.
    if (response.ok) console.log(`${name}.population ${JSON.parse(text).population}`)
    return response.headers.get("etag")
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
