import HTTPTypes

/// Properties of the response that a 304 (Not Modified) stands for, see ``Reply/represented``. They determine which variant the client
/// has.
public final class RepresentedResponse: Sendable {
    /// The Content-Type of the response.
    public let contentType: String?
    /// The Content-Encoding of the response.
    public let contentEncoding: String?
    /// The size of the body; nil when it is unknown.
    public let contentLength: Int?

    init(_ reply: Reply) {
        contentType = reply.headerFields.value(of: .contentType)
        contentEncoding = reply.headerFields.value(of: .contentEncoding)
        let length = reply.headerFields.value(of: .contentLength).flatMap { Int($0) } ?? reply.body.contentLength
        // A response to HEAD may have no body although that to GET has one.
        contentLength = length == 0 ? nil : length
    }
}
