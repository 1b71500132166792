public import HTTPPipeline
import HTTPTypes

/// Decides who may administer a cache.
public struct AccessCheck: Sendable {
    /// Whether a request may go on.
    let allows: @Sendable (Exchange) async throws -> Bool

    /// Creates a check of the application's own.
    ///
    /// - Parameter allows: Whether a request may go on; what it throws is a refusal.
    public init(_ allows: @escaping @Sendable (Exchange) async throws -> Bool) {
        self.allows = allows
    }

    /// Lets those go on who send a secret as a bearer token (RFC 6750).
    ///
    /// A secret of fewer than 16 characters is a mistake in the application and stops it here, at its start; so does an empty one
    /// from an environment variable that is not set. Tokens are compared in a time that does not depend on where they differ.
    public static func bearer(_ secret: String) -> AccessCheck {
        let count = secret.utf8.count
        guard count >= 16 else {
            // A failed precondition says nothing in a release build.
            fatalError("the secret for the administration of a cache needs at least 16 characters, and has \(count)")
        }
        let expected = Array(secret.utf8)
        return AccessCheck { exchange in
            guard let value = exchange.request.headerFields[.authorization],
                let space = value.firstIndex(of: " "), value[..<space].lowercased() == "bearer"
            else { return false }
            let given = Array(value[space...].drop { $0 == " " }.utf8)
            guard given.count == expected.count else { return false }
            return zip(given, expected).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }
}
