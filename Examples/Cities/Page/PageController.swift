import HTTPTypes
import Hummingbird
import NIOCore

/// Returns a page that shows how the cache responds: a list that it fetches, and each fetch with the fields of its response.
struct PageController: Sendable {
    func show(_ request: Request, context: CitiesRequestContext) async throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: Self.html))
        )
    }

    private static let html = """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Cities</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
        table { border-collapse: collapse } td, th { padding: 0.1rem 1.5rem 0.1rem 0; text-align: left }
        #cities td:last-child { text-align: right }
        code { font-size: 0.9em }
        </style>
        <h1>Cities</h1>
        <p>An API over the cities of the world, described by <a href="/openapi.json">/openapi.json</a>.</p>
        <p><button id="fetch">Fetch the list</button> <button id="change">Change the first city</button></p>
        <h2>Responses</h2>
        <table><thead><tr><th>Request<th>Status<th>Cache-Status<th>Age<th>ETag<th>Queries<th>Time</thead>
        <tbody id="responses"></tbody></table>
        <p>Fetch the list twice: the second response comes from the cache, without a query. Change a city: the list is read again, and
        has a new tag.</p>
        <h2>The largest cities of Italy</h2>
        <table id="cities"></table>
        <script>
        const list = "/cities?country_code=IT&page_size=20"
        const queries = async () => (await (await fetch("/stats")).json()).queries?.cities ?? 0

        // Sends a request and adds a row with its response.
        async function send(target, options = {}) {
            const before = await queries()
            const start = performance.now()
            const response = await fetch(target, options)
            const body = await response.json()
            const time = performance.now() - start
            const row = document.getElementById("responses").insertRow(0)
            const field = name => response.headers.get(name) ?? ""
            for (const text of [`${options.method ?? "GET"} ${target}`, response.status, field("Cache-Status"), field("Age"),
                field("ETag"), await queries() - before, `${time.toFixed(1)} ms`]) {
                row.insertCell().textContent = text
            }
            return { response, body }
        }

        // Without its cache, a browser shows what the server returned. With it, the browser validates its copy.
        async function show(cache = "no-store") {
            const { body } = await send(list, { cache })
            const table = document.getElementById("cities")
            table.replaceChildren()
            for (const city of body.results) {
                const row = table.insertRow()
                row.insertCell().textContent = city.name
                row.insertCell().textContent = city.population.toLocaleString("en")
            }
            return body.results[0]
        }

        async function change() {
            const first = await show()
            const { response, body } = await send(`/cities/${first.id}`)
            await send(`/cities/${first.id}`, {
                method: "PATCH", body: JSON.stringify({ population: body.population + 1 }),
                headers: { "Content-Type": "application/json", "If-Match": response.headers.get("ETag") }
            })
            await show()
        }

        document.getElementById("fetch").onclick = () => show()
        document.getElementById("change").onclick = change
        // The fragment #demo fetches twice and changes a city.
        if (location.hash === "#demo") show().then(() => show()).then(change)
        else show("default")
        </script>
        </html>
        """
}
