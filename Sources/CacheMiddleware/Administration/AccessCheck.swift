public import HTTPPipeline
import HTTPTypes

/// Decides which requests may use a cache's administration.
///
/// A check may identify the user by anything a request has. Browsers attach cookies and the credentials of HTTP authentication to
/// requests that other sites make, so ``CacheAdministration`` also rejects unsafe requests that a browser sends for another origin.
/// A cookie of a session should be `SameSite=Lax` or `Strict` all the same.
public struct AccessCheck: Sendable {
    /// Whether a request is allowed.
    let allows: @Sendable (Exchange) async throws -> Bool

    /// Creates a check of the application's own.
    ///
    /// - Parameter allows: Returns whether a request is allowed; a request for which it throws is not.
    public init(_ allows: @escaping @Sendable (Exchange) async throws -> Bool) {
        self.allows = allows
    }

    /// A check that allows requests with a secret as their bearer token (RFC 6750).
    ///
    /// Tokens are compared in a time that does not depend on where they differ.
    ///
    /// - Parameter secret: The secret, of at least 16 bytes of UTF-8.
    /// - Returns: The check.
    /// - Throws: ``AccessCheckError`` for a shorter secret, for example an empty one from an environment variable that is not set.
    public static func bearer(_ secret: String) throws(AccessCheckError) -> AccessCheck {
        let expected = Array(secret.utf8)
        guard expected.count >= 16 else { throw .secretTooShort(expected.count) }
        return AccessCheck { exchange in
            guard let value = exchange.request.headerFields[.authorization]?.utf8,
                let space = value.firstIndex(of: UInt8(ascii: " ")), value[..<space].equalsIgnoringCase("bearer")
            else { return false }
            let given = Array(value[space...].drop { $0 == UInt8(ascii: " ") })
            guard given.count == expected.count else { return false }
            return zip(given, expected).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }
}

/// The reason why an ``AccessCheck`` cannot be created.
public struct AccessCheckError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, for the person who configures the application. It does not contain the secret.
    public let description: String

    static func secretTooShort(_ count: Int) -> Self {
        Self(description: "the secret of the cache administration has \(count) bytes; at least 16 are required")
    }
}
