import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

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

/// What a request with a key must have in common with its repetitions: the query, the body, and how the body is to be read.
///
/// It is an MD5 digest, the digest of this package's keys. Bodies with equal digests can be constructed on purpose. They are compared
/// only within the records of one client, so a client that constructs them confuses nothing but its own keys.
public struct RequestFingerprint: Sendable, Hashable, CustomStringConvertible {
    /// The text that stores compare: 32 hexadecimal digits.
    public let description: String

    /// Creates a fingerprint from its text.
    public init(_ description: String) {
        self.description = description
    }

    /// Digests a request. The parts are preceded by their lengths, so that different parts never have the same bytes.
    ///
    /// - Complexity: O(length of the body), without copying it.
    init(of request: HTTPRequest, body: ByteBuffer) {
        var digest = MD5()
        let path = request.path ?? ""
        let query = path.utf8.dropFirst(path.targetPath.utf8.count)
        let fields = [HTTPField.Name.contentType, .contentEncoding].map { request.headerFields[$0] ?? "" }
        for part in [String(Substring(query))] + fields {
            Self.add("\(part.utf8.count):\(part)", to: &digest)
        }
        body.withUnsafeReadableBytes { digest.update($0) }
        description = digest.finalize().description
    }

    private static func add(_ text: String, to digest: inout MD5) {
        var text = text
        text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
    }
}
