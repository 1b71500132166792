public import HTTPPipeline
import HTTPTypes

/// Which updates wait for each other.
///
/// Between the moment a condition is found to hold and the moment the handler has written, another update could slip in, and
/// one of the two would be lost. Updates of one resource on this node therefore follow one another, those without conditions
/// too, except POST: it makes something new. Against other nodes the handler writes only if the version is still the one that
/// was evaluated, see ``HTTPPipeline/Exchange/evaluatedTag``.
///
/// The body of an update is read before its turn comes, so that a slow client holds nobody up. A handler that updates another
/// resource of the same kind within the same process waits for its turn there while it has its own: two that do so crosswise
/// would wait for ever.
public struct UpdateSerialization: Sendable {
    private let name: (@Sendable (Exchange) -> String?)?

    /// The largest body of an update, in bytes; a larger one is answered 413 (RFC 9110 section 15.5.14).
    public let bodyLimit: Int

    /// Updates do not wait for each other, and their bodies are left to the handler.
    public static let none = UpdateSerialization(name: nil, bodyLimit: 0)

    /// Updates of one path wait for each other, with bodies of up to 2 MiB; the default. The query does not count, nor how the
    /// path is spelled: empty segments and percent-encoding.
    public static let perResource = by { resource(of: $0.request.path ?? "") }

    /// The path of a target in one spelling.
    static func resource(of target: String) -> String {
        let segments = target.targetPath.utf8.split(separator: UInt8(ascii: "/"))
        return segments.map { Substring($0).percentDecoded }.joined(separator: "/")
    }

    /// Updates with one name wait for each other, with bodies of up to 2 MiB. Names are compared by their bytes.
    ///
    /// - Parameter name: Names what a request updates; nil does not wait.
    /// - Returns: The serialization.
    public static func by(_ name: @escaping @Sendable (Exchange) -> String?) -> UpdateSerialization {
        UpdateSerialization(name: name, bodyLimit: 2 << 20)
    }

    /// The same serialization with bodies of another size.
    public func withBodies(upTo limit: Int) -> UpdateSerialization {
        UpdateSerialization(name: name, bodyLimit: limit)
    }

    private init(name: (@Sendable (Exchange) -> String?)?, bodyLimit: Int) {
        self.name = name
        self.bodyLimit = bodyLimit
    }

    /// Runs `body` when no other update of the same resource runs.
    ///
    /// An update inside another of the same resource, on the same task, does not wait for it.
    ///
    /// - Throws: `BodyTooLarge` before anything is run, and what `body` throws.
    func serialize<Result>(_ exchange: Exchange, _ body: (Exchange) async throws -> Result) async throws -> Result {
        guard let name = name?(exchange).map({ ByteText($0) }), ResourceLocks.held[name]?.isHeld != true else {
            return try await body(exchange)
        }
        var exchange = exchange
        if case .stream = exchange.body.content {
            exchange.body = RequestBody(try await exchange.body.collect(upTo: bodyLimit))
        }
        let (ready, lock) = (exchange, HeldLock())
        return try await ResourceLocks.shared.withLock(name) {
            // A task that the handler starts and that outlives it has this value, too, but not the lock.
            defer { lock.release() }
            var held = ResourceLocks.held
            held[name] = lock
            return try await ResourceLocks.$held.withValue(held) { try await body(ready) }
        }
    }
}
