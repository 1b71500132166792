import HTTPTypes

/// What a 304 does not say of the answer that it stands for, and what decides which of its variants the client would have got.
package final class RepresentedAnswer: Sendable {
    /// The Content-Type of the answer.
    package let contentType: String?
    /// The Content-Encoding of the answer.
    package let contentEncoding: String?
    /// The size of the body; nil when it is not known, or none.
    package let contentLength: Int?

    package init(_ reply: Reply) {
        contentType = reply.headerFields.value(of: .contentType)
        contentEncoding = reply.headerFields.value(of: .contentEncoding)
        let length = reply.headerFields.value(of: .contentLength).flatMap { Int($0) } ?? reply.body.contentLength
        // What answers HEAD may be without the body that GET has.
        contentLength = length == 0 ? nil : length
    }
}
