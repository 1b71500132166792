import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// Where a middleware has its tags from.
enum ETagSource: Sendable {
    /// The key that a constructor makes, with or without the method; whether the resource exists is not known.
    case key(KeyConstructor, separatesMethods: Bool)
    /// A closure; nil says that the resource has no current representation.
    case computed(@Sendable (Exchange) async throws -> EntityTag?)
    /// The body of the response, when there is one. Before an update the handler that reads the resource makes one, if there is
    /// such a handler.
    case body(BodyETag, reading: Handler?)

    /// Whether the tag is known before the handler has run.
    var isKnownBefore: Bool {
        if case .body = self { false } else { true }
    }

    /// Whether no tag means that there is no representation.
    var knowsExistence: Bool {
        switch self {
        case .computed, .body(_, reading: .some): true
        case .key, .body(_, reading: nil): false
        }
    }

    /// The tag of the current representation, as far as it is known before the handler has run.
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
