import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// An entry that lacks its body.
struct EntryDraft: Sendable {
    let reply: Reply
    let key: CacheKey
    /// The store, for the request that the answer was made for.
    let store: StoreAccess
    /// How long the answer is fresh; nil is for ever.
    let lifetime: Duration?
    let tags: [String]
    let path: String?
    /// Where the order of purges stood before the handler ran.
    let snapshot: PurgeSnapshot?
    /// Whether the handler has read a body that no field announced; nil when the request has none.
    let reads: BodyReads?
    let computationTime: Duration

    /// Whether the response may depend on a body that the key does not hold.
    var dependsOnBody: Bool { reads?.hasReadBytes ?? false }

    /// Whether a body is as long as the answer says (RFC 9111 section 3.3), if it does.
    func isComplete(_ body: ByteBuffer) -> Bool {
        guard let length = reply.headerFields.value(of: .contentLength).flatMap({ Int($0) }) else { return true }
        return length == body.readableBytes
    }
}

/// Nothing is stored, and why.
struct Refusal: Error {
    let reason: RefusalReason

    init(_ reason: RefusalReason) {
        self.reason = reason
    }
}
