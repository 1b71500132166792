import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// The OpenAPI 3.1 description of resources, derived from their declarations.
///
/// ```swift
/// router.add(OpenAPIDocument(title: "Geography", version: "1", cities, countries))
/// ```
///
/// It is served at `/openapi.json`, with an entity tag.
public struct OpenAPIDocument: Sendable {
    /// The document as JSON.
    public let json: String

    /// Creates the document.
    ///
    /// - Parameters:
    ///   - title: The title of the API.
    ///   - version: The version of the API.
    ///   - resources: The resources. Those that are nested in them are described too.
    public init(title: String, version: String, _ resources: Resource...) {
        let mounts = resources.flatMap { ResourceMount($0).withDescendants }
        var paths: [KeyValue.Member] = []
        for mount in mounts { paths += mount.pathItems }
        // A resource at several places has one schema.
        var schemas: [KeyValue.Member] = OpenAPISchemas.shared
        for mount in mounts where !schemas.contains(where: { $0.name == mount.schemaName }) {
            schemas += mount.schemas
        }
        let document = KeyValue.object([
            .init("openapi", .string("3.1.0")),
            .init("info", .object([.init("title", .string(title)), .init("version", .string(version))])),
            .init("paths", .object(paths)),
            .init("components", .object([.init("schemas", .object(schemas))])),
        ])
        json = KeyWriter.text { $0.write(document) }
    }

    /// The route of the document.
    public var route: ResourceRoute {
        let body = ByteBuffer(string: json)
        let tag = "\"\(CacheKey(digestOf: json))\""
        return ResourceRoute(
            method: .get, template: "/openapi.json", name: "openapi", pipeline: Pipeline([]),
            handler: { exchange in
                let fields: HTTPFields = [.contentType: "application/json", .eTag: tag, .cacheControl: "no-cache"]
                if exchange.request.headerFields[.ifNoneMatch] == tag {
                    return Reply(status: .notModified, headerFields: fields)
                }
                return Reply(status: .ok, headerFields: fields, body: ReplyBody(body))
            })
    }
}
