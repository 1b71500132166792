public import HTTPPipeline
import HTTPTypes

/// A check that decides which requests may use a cache's administration.
///
/// A check may identify the user by any part of a request. Browsers attach cookies and HTTP authentication credentials to requests
/// that other sites make, so ``CacheAdministration`` also rejects unsafe requests that a browser sends for another origin. A
/// session cookie should be `SameSite=Lax` or `Strict` nevertheless.
public struct AccessCheck: Sendable {
    /// Whether a request is allowed.
    let allows: @Sendable (Exchange) async throws -> Bool

    /// Creates a check from a closure.
    ///
    /// - Parameter allows: Returns whether a request is allowed. If it throws, the request is rejected.
    public init(_ allows: @escaping @Sendable (Exchange) async throws -> Bool) {
        self.allows = allows
    }

    /// The minimum size of a secret, in bytes of UTF-8.
    public static let minimumSecretSize = 16

    /// Returns a check that allows requests with a secret as their bearer token (RFC 6750).
    ///
    /// The comparison takes the same time wherever two tokens differ.
    ///
    /// - Parameter secret: The secret, of at least ``minimumSecretSize`` bytes.
    /// - Returns: The check.
    /// - Throws: ``AccessCheckError`` for a shorter secret, for example an empty one from an environment variable that is not set.
    public static func bearer(_ secret: String) throws(AccessCheckError) -> AccessCheck {
        let expected = Array(secret.utf8)
        guard expected.count >= minimumSecretSize else { throw .secretTooShort(expected.count) }
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
    /// The problem, for the developer who configures the application. It does not contain the secret.
    public let description: String

    static func secretTooShort(_ count: Int) -> Self {
        Self(
            description:
                "the secret of the cache administration has \(count) bytes; at least \(AccessCheck.minimumSecretSize) are required"
        )
    }
}
