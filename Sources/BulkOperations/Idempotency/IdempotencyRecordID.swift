import HTTPPipeline
import HTTPTypes

/// Identifies a record of an ``IdempotencyStore``: a key of one client, for one method and one path.
///
/// Clients choose their keys, so the same key of another client is another record.
public struct IdempotencyRecordID: Sendable {
    /// Identifies the client, such as `user:42`. Different clients have different texts.
    public let client: String
    /// The method.
    public let method: String
    /// The host and the path, without the query.
    public let target: String
    /// The key.
    public let key: String

    /// Creates an identifier from its parts.
    public init(client: String, method: String, target: String, key: String) {
        (self.client, self.method, self.target, self.key) = (client, method, target, key)
    }

    init(_ key: IdempotencyKey, client: String, of request: HTTPRequest) {
        self.init(
            client: client, method: request.method.rawValue,
            target: (request.authority ?? "") + (request.path ?? "").targetPath, key: key.text)
    }

    /// The number of bytes of all parts.
    public var byteCount: Int { client.utf8.count + method.utf8.count + target.utf8.count + key.utf8.count }
}

extension IdempotencyRecordID: Hashable {
    /// Returns whether both have the same bytes.
    public static func == (left: Self, right: Self) -> Bool {
        left.key.hasBytes(of: right.key) && left.client.hasBytes(of: right.client)
            && left.target.hasBytes(of: right.target) && left.method.hasBytes(of: right.method)
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        for part in [client, method, target, key] {
            hasher.combine(part.utf8.count)
            part.hashBytes(into: &hasher)
        }
    }
}
