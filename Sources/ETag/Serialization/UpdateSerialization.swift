public import HTTPPipeline
import HTTPTypes

/// Which updates wait for each other.
///
/// Between the moment a condition is found to hold and the moment the handler has written, another update could slip in, and
/// one of the two would be lost. Updates of one resource on this node therefore follow one another. Against other nodes the
/// handler writes only if the version is still the one of the evaluated tag, see ``HTTPPipeline/Exchange/evaluatedTag``.
public struct UpdateSerialization: Sendable {
    private let name: (@Sendable (Exchange) -> String?)?

    /// Updates do not wait for each other.
    public static let none = UpdateSerialization(name: nil)

    /// Updates of one path wait for each other, its query not counted; the default.
    public static let perResource = UpdateSerialization { exchange in
        let path = exchange.request.path ?? ""
        return String(path[..<(path.utf8.firstIndex(of: UInt8(ascii: "?")) ?? path.endIndex)])
    }

    /// Updates with one name wait for each other.
    ///
    /// - Parameter name: Names what a request updates; nil does not wait.
    /// - Returns: The serialization.
    public static func by(_ name: @escaping @Sendable (Exchange) -> String?) -> UpdateSerialization {
        UpdateSerialization(name: name)
    }

    private init(name: (@Sendable (Exchange) -> String?)?) {
        self.name = name
    }

    /// Runs `body` when no other update of the same resource runs.
    ///
    /// An update inside another of the same resource, on the same task, does not wait for it.
    func serialize<Result>(_ exchange: Exchange, _ body: () async throws -> Result) async throws -> Result {
        guard let name = name?(exchange), !ResourceLocks.held.contains(name) else { return try await body() }
        return try await ResourceLocks.shared.withLock(name) {
            try await ResourceLocks.$held.withValue(ResourceLocks.held.union([name])) { try await body() }
        }
    }
}
