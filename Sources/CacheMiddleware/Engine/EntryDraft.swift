import HTTPPipeline
import KeyConstructor

/// An entry that lacks its body.
struct EntryDraft: Sendable {
    let reply: Reply
    let key: CacheKey
    /// How long the answer is fresh; nil is for ever.
    let lifetime: Duration?
    let tags: [String]
    let url: String?
    let mark: PurgeMark?
    let computationTime: Duration
}

/// Nothing is stored, and why.
struct Refusal: Error {
    let reason: RefusalReason

    init(_ reason: RefusalReason) {
        self.reason = reason
    }
}
