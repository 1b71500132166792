public import HTTPTypes

/// A response that passes back through a ``Pipeline``: status, header fields and body.
public struct Reply: Sendable {
    /// The status.
    public var status: HTTPResponse.Status

    /// The header fields.
    public var headerFields: HTTPFields

    /// The body.
    public var body: ReplyBody

    /// The error that the handler threw, if its framework turned the error into this reply.
    ///
    /// To middleware it is an ordinary reply. The adapter throws the error again when the reply leaves the pipeline, so that the
    /// framework and its middleware see the same as without a pipeline.
    public var thrownError: (any Error)?

    /// Whether a cache handled this reply. Data derived from it must not outlive the stored response.
    package var comesThroughCache = false

    /// Whether an adapter may send this response again for identical bytes of a request. A cache sets it while a request is recorded.
    package var allowsReuse = false

    /// The response that a 304 (Not Modified) stands for, if it is known.
    public internal(set) var represented: RepresentedResponse?

    /// Creates a reply from its parts.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - headerFields: The header fields. The adapter adds a missing Content-Length.
    ///   - body: The body.
    public init(status: HTTPResponse.Status, headerFields: HTTPFields = [:], body: ReplyBody = .empty) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }

    /// The status and header fields.
    ///
    /// It is created on each access, which allocates memory. ``status`` and ``headerFields`` are cheaper.
    public var head: HTTPResponse {
        get { HTTPResponse(status: status, headerFields: headerFields) }
        set {
            status = newValue.status
            headerFields = newValue.headerFields
        }
    }
}

/// The error of a stored error response.
///
/// The original error no longer exists. An adapter throws an error of its own that renders the reply; see ``Reply/thrownError``.
public struct StoredError: Error, Hashable {
    /// Creates the error of a stored error response.
    public init() {}
}

extension Reply {
    /// The 304 (Not Modified) form of this response, with the fields of RFC 9110 section 15.4.5. Last-Modified is included only if
    /// there is no entity tag.
    package var notModified: Reply {
        let hasTag = headerFields.contains(.eTag)
        let fields = headerFields.filter { field in
            switch field.name {
            case .cacheControl, .contentLocation, .date, .eTag, .expires, .vary: true
            case .lastModified: !hasTag
            default: false
            }
        }
        var reply = Reply(status: .notModified, headerFields: HTTPFields(fields))
        reply.represented = RepresentedResponse(self)
        return reply
    }
}

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
