import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// A text that does not change while the program runs, with its entity tag.
struct StaticContent: Sendable {
    private let body: ByteBuffer
    private let fields: HTTPFields
    private let tag: EntityTag?

    init(_ text: String, fields: HTTPFields) {
        body = ByteBuffer(string: text)
        tag = EntityTag("\(CacheKey(digestOf: text))")
        var fields = fields
        fields[.cacheControl] = "no-cache"
        fields[HTTPField.Name("X-Content-Type-Options")!] = "nosniff"
        self.fields = fields
    }

    /// Returns the routes that serve the text for GET and HEAD.
    func routes(at path: String, name: RouteName) -> [ResourceRoute] {
        let pipeline = Pipeline([ETagMiddleware(tag: { [tag] _ in tag })])
        return [HTTPRequest.Method.get, .head].map { method in
            ResourceRoute(method: method, template: path, name: name, pipeline: pipeline) { [fields, body] _ in
                Reply(status: .ok, headerFields: fields, body: ReplyBody(body))
            }
        }
    }
}
