import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// The OpenAPI 3.1 description of resources and of operations on them, derived from their declarations.
///
/// ```swift
/// let document = OpenAPIDocument(title: "Geography", version: "1", cities, countries)
/// router.add(document)
/// router.add(document.page())
/// ```
///
/// It is served at `/openapi.json`, with an entity tag.
public struct OpenAPIDocument: Sendable {
    /// The document as JSON.
    public let json: String

    let title: String

    /// The path of the document.
    static let path = "/openapi.json"

    /// Creates the document.
    ///
    /// - Parameters:
    ///   - title: The title of the API.
    ///   - version: The version of the API.
    ///   - described: The resources, and what else has described routes, such as the operations of `BulkOperations`. Resources that
    ///     are nested in them are described too.
    public init(title: String, version: String, _ described: any DescribedRoutes...) {
        let descriptions = described.map(\.descriptions)
        // Those at the top first: their parts have the shorter names.
        let all = descriptions.flatMap { $0.mounts.flatMap(\.withDescendants) }
        let mounts = all.filter(\.ancestors.isEmpty) + all.filter { !$0.ancestors.isEmpty }
        var components = OpenAPIComponents()
        var paths: [KeyValue.Member] = []
        var tags: [String] = []
        for mount in mounts {
            paths += mount.pathItems(&components)
            if !tags.contains(mount.resource.name) { tags.append(mount.resource.name) }
        }
        for path in descriptions.flatMap({ $0.paths(&components) }) {
            paths.append(components.pathItem(path))
            if !tags.contains(path.tag) { tags.append(path.tag) }
        }
        let document: KeyValue = [
            "openapi": "3.1.0",
            "info": [
                "title": .string(title), "version": .string(version),
                "description": """
                Texts have no null characters. Unknown parameters and members are errors. Errors are problem details (RFC 9457) \
                if Accept has application/problem+json.
                """,
            ],
            "paths": .object(paths), "components": components.object,
            "tags": .array(tags.map { ["name": .string($0)] }),
        ]
        self.title = title
        json = KeyWriter.text { $0.write(document) }
    }

    /// The routes of the document.
    public var routes: [ResourceRoute] {
        StaticContent(json, fields: [.contentType: "application/json"]).routes(at: Self.path, name: "openapi")
    }

    /// A page that shows the document in a browser, with a form for each operation that sends requests.
    ///
    /// It is one HTML document without external parts, and reads ``json`` from where ``routes`` serve it.
    ///
    /// - Parameter path: The path of the page.
    /// - Returns: The page, for `router.add`.
    public func page(at path: String = "/docs") -> DocumentationPage { DocumentationPage(title: title, path: path) }
}
