import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

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
