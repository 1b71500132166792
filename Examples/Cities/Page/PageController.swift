import HTTPTypes
import Hummingbird
import NIOCore

/// Returns a page with links to the API and a table that its script loads.
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
        body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 44rem; padding: 0 1rem }
        td { padding-right: 2rem } td:last-child { text-align: right }
        </style>
        <h1>Cities</h1>
        <p>An API over the cities of the world. Load the page twice: the browser validates its copy of the list, and the
        server returns 304 without running a handler.</p>
        <ul>
        <li><a href="/cities?country=IT">/cities?country=IT</a>, also with <code>name</code>,
        <code>min_population</code>, <code>sort</code>, <code>page</code>, <code>page_size</code>, <code>format=csv</code>
        <li><a href="/cities/3169070">/cities/3169070</a>: GET, PUT, PATCH, DELETE
        <li><a href="/countries">/countries</a>
        <li><a href="/stats">/stats</a>: how often each handler ran
        </ul>
        <h2>The largest cities of Italy</h2>
        <table id="cities"></table>
        <script>
        fetch("/cities?country=IT&sort=-population&page_size=20").then(response => response.json()).then(page => {
            for (const city of page.results) {
                const row = document.getElementById("cities").insertRow()
                row.insertCell().textContent = city.name
                row.insertCell().textContent = city.population.toLocaleString("en")
            }
        })
        </script>
        </html>
        """
}
