import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// An entry that lacks its body.
struct EntryDraft: Sendable {
    let reply: Reply
    let key: CacheKey
    /// The store, with the time that the request may wait for it.
    let store: StoreAccess
    /// The lifetime of the response; nil is forever.
    let lifetime: Duration?
    /// The time for which the entry is kept after its lifetime so that it can be validated.
    let validationPeriod: Duration
    let tags: [String]
    let path: String?
    /// Whether the handler read a request body that no field announced; nil when the request cannot have one.
    let reads: BodyReads?
    let computationTime: Duration

    /// Decides whether a body may be stored.
    ///
    /// - Parameters:
    ///   - body: The whole body.
    ///   - length: Its length as the handler announced it, if it did.
    /// - Returns: The reason not to store it, or nil.
    func rejection(of body: ReplyBody.Collected, announced length: Int? = nil) -> RefusalReason? {
        // An entry cannot carry trailers.
        if body.trailers != nil { return .trailers }
        let size = body.buffer.readableBytes
        // RFC 9111 section 3.3.
        let contentLength = reply.headerFields.value(of: .contentLength).flatMap { Int($0) }
        guard size == length ?? size, size == contentLength ?? size else { return .incomplete }
        return reads?.hasReadBytes == true ? .body : nil
    }
}

/// The reason why a response is not stored, as an error.
struct Refusal: Error {
    let reason: RefusalReason

    init(_ reason: RefusalReason) {
        self.reason = reason
    }
}
