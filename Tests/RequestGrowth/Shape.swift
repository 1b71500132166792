import HTTPPipeline
import HTTPTypes
import NIOCore

/// One way for a part of a request or response to be large.
struct Shape {
    /// The part, such as `path` or the name of a header field.
    let part: String
    /// The content that fills the part.
    let name: String
    /// Whether another shape fills the same part, and no store sees the difference.
    var isVariation = false
    /// Creates a request with about this many bytes in that part.
    let load: @Sendable (_ size: Int) -> Load

    static var all: [Shape] { ofTarget + ofFields + ofOthers + ofResponses }

    /// Shapes of the value of one field: texts that are written again and again.
    ///
    /// - Parameters:
    ///   - part: The name of the part.
    ///   - texts: The texts, besides hostile ones.
    ///   - change: Puts a value into a load.
    /// - Returns: The shapes.
    static func ofValue(
        _ part: String, _ texts: [String], _ change: @escaping @Sendable (inout Load, String) -> Void
    ) -> [Shape] {
        let named = texts.map { ($0, $0) } + hostileTexts.prefix(2).map { ($0.name, $0.text) }
        return named.enumerated().map { index, named in
            Shape(part: part, name: named.0, isVariation: index != 0) { size in
                var load = Load()
                change(&load, filled(named.1, size))
                return load
            }
        }
    }
}

/// A request and the handler's response.
struct Load: Sendable {
    var authority = "example.test"
    var path = "/items/7"
    var query: String?
    var fields: HTTPFields = [.userAgent: "growth"]
    var body = ByteBuffer(string: "{}")
    var responseFields: HTTPFields = [:]
    var tags: [String] = []

    func exchange(_ method: HTTPRequest.Method) -> Exchange {
        var fields = fields
        if method == .put { fields.append(HTTPField(name: .contentType, value: "application/json")) }
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1)
        let id = segments.count > 1 ? String(Substring(segments[1])) : ""
        return Exchange(
            request: HTTPRequest(
                method: method, scheme: "http", authority: authority,
                path: query.map { "\(path)?\($0)" } ?? path, headerFields: fields),
            body: method == .put ? RequestBody(body) : .empty,
            route: Route(view: "items.Item", method: Route.methodName(of: method), template: "/items/{id}"),
            pathParameters: PathParameters(
                positional: [.string(id)], named: [PathParameters.Parameter("id", .string(id))]),
            // Too long for the cache of recent keys: otherwise small requests would be measured without composing a key.
            client: Exchange.Client(userID: String(repeating: "7", count: 1200))
        )
    }
}

/// Fills a size with a text.
///
/// - Returns: The text repeated as often as it fits.
func filled(_ text: String, _ size: Int) -> String {
    String(repeating: text, count: size / text.utf8.count)
}

/// Fills a size with different members.
///
/// - Returns: As many members as would fit if each had as many bytes as the hundredth.
func numbered(_ size: Int, separator: String = "", _ member: (Int) -> String) -> String {
    (0..<size / (member(1000).utf8.count + separator.utf8.count)).map { member(1000 + $0) }.joined(separator: separator)
}

extension HTTPField.Name {
    init(known name: String) { self.init(name)! }
}

extension HTTPFields {
    mutating func append(_ name: String, _ value: String) {
        append(HTTPField(name: HTTPField.Name(known: name), value: value))
    }
}
