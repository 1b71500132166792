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
