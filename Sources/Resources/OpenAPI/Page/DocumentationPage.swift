import HTTPPipeline
import HTTPTypes

/// A page that shows an ``OpenAPIDocument`` in a browser.
///
/// It shows resources, operations, parameters and schemas, and sends requests with one form for each operation. Its Content-Security-Policy
/// allows exactly its own script and style, by their hashes, and requests to its own origin.
public struct DocumentationPage: Sendable {
    let title: String
    let path: String

    /// The routes of the page.
    public var routes: [ResourceRoute] {
        StaticContent(html, fields: [.contentType: "text/html; charset=utf-8", .contentSecurityPolicy: policy])
            .routes(at: path, name: "openapi-page")
    }

    /// The page. Everything from the document is added by the script, as text.
    var html: String {
        """
        <!doctype html>
        <html lang="en" data-document="\(documentReference.escapedForHTML)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title.escapedForHTML)</title>
        <link rel="icon" href="data:,">
        <style>\(Self.style)</style>
        </head>
        <body>
        <header>
        <h1>\(title.escapedForHTML)</h1>
        <p id="about"></p>
        <label for="token">Bearer token</label>
        <input id="token" autocomplete="off" spellcheck="false">
        </header>
        <nav id="contents" aria-label="Contents"></nav>
        <main id="main"><p>Loading the description.</p></main>
        <noscript>This page needs JavaScript. The description itself is at \(documentReference.escapedForHTML).</noscript>
        <script>\(Self.script)</script>
        </body>
        </html>
        """
    }

    /// The Content-Security-Policy of the page.
    var policy: String {
        "default-src 'none'; script-src 'sha256-\(Self.scriptHash)'; "
            + "style-src 'sha256-\(Self.styleHash)'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    /// The URL of the document relative to that of the page, so that both can be in a group of routes.
    private var documentReference: String {
        let depth = path.split(separator: "/", omittingEmptySubsequences: true).count - 1
        let up = String(repeating: "../", count: max(0, depth) + (path.hasSuffix("/") ? 1 : 0))
        return up + OpenAPIDocument.path.dropFirst()
    }
}

extension String {
    /// The text with the characters escaped that end or begin anything in HTML.
    fileprivate var escapedForHTML: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}

extension HTTPField.Name {
    fileprivate static let contentSecurityPolicy = HTTPField.Name("Content-Security-Policy")!
}
