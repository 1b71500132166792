import HTTPPipeline
import KeyConstructor

/// Where a middleware has its tags from.
enum ETagSource: Sendable {
    /// The key that a constructor makes, with or without the method; whether the resource exists is not known.
    case key(KeyConstructor, separatesMethods: Bool)
    /// A closure; nil says that the resource has no current representation.
    case computed(@Sendable (Exchange) async throws -> EntityTag?)
    /// The body of the answer, when there is one.
    case body(BodyETag)

    /// Whether the tag is known before the handler has run.
    var isKnownBefore: Bool {
        if case .body = self { false } else { true }
    }

    /// Whether no tag means that there is no representation.
    var knowsExistence: Bool {
        if case .computed = self { true } else { false }
    }

    /// The tag of the current representation, as far as it is known before the handler has run.
    func tag(for exchange: Exchange) async throws -> EntityTag? {
        switch self {
        case .key(let key, separatesMethods: true): EntityTag(try await key.key(for: exchange))
        case .key(let key, separatesMethods: false): EntityTag(try await key.viewKey(for: exchange))
        case .computed(let tag): try await tag(exchange)
        case .body: nil
        }
    }
}
