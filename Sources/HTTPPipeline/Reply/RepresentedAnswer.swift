import HTTPTypes

/// Properties of the response that a 304 (Not Modified) stands for. They determine which variant the client has.
package final class RepresentedAnswer: Sendable {
    /// The Content-Type of the response.
    package let contentType: String?
    /// The Content-Encoding of the response.
    package let contentEncoding: String?
    /// The size of the body; nil when it is unknown.
    package let contentLength: Int?

    package init(_ reply: Reply) {
        contentType = reply.headerFields.value(of: .contentType)
        contentEncoding = reply.headerFields.value(of: .contentEncoding)
        let length = reply.headerFields.value(of: .contentLength).flatMap { Int($0) } ?? reply.body.contentLength
        // A response to HEAD may have no body although that to GET has one.
        contentLength = length == 0 ? nil : length
    }
}
