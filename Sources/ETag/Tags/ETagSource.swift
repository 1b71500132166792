import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// The source of a middleware's tags.
enum ETagSource: Sendable {
    /// A key from a constructor, with or without the method. Whether the resource exists is not known.
    case key(KeyConstructor, separatesMethods: Bool)
    /// A closure that returns nil if the resource has no current representation.
    case computed(@Sendable (Exchange) async throws -> EntityTag?)
    /// The body of the response, if there is one. Before an update, the body comes from the handler that reads the
    /// resource, if there is one.
    case body(BodyETag, reading: Handler?)

    /// Whether the tag is known before the handler runs.
    var isKnownBefore: Bool {
        if case .body = self { false } else { true }
    }

    /// Whether the absence of a tag means that there is no representation.
    var knowsExistence: Bool {
        switch self {
        case .computed, .body(_, reading: .some): true
        case .key, .body(_, reading: nil): false
        }
    }

    /// Returns the tag of the current representation, or nil if it is not known before the handler runs or there is no
    /// representation.
    func tag(for exchange: Exchange) async throws -> EntityTag? {
        switch self {
        case .key(let key, separatesMethods: true): EntityTag(try await key.key(for: exchange))
        case .key(let key, separatesMethods: false): EntityTag(try await key.viewKey(for: exchange))
        case .computed(let tag): try await tag(exchange)
        case .body(let body, let read?) where !exchange.request.method.isSafe:
            try await body.tag(of: exchange, reading: read)
        case .body: nil
        }
    }
}
