public import HTTPTypes

/// An answer on its way back through a ``Pipeline``: the head and the body of a response.
public struct Reply: Sendable {
    /// The status of the head.
    public var status: HTTPResponse.Status

    /// The header fields of the head.
    public var headerFields: HTTPFields

    /// The body.
    public var body: ReplyBody

    /// The error whose rendering this reply is, when the handler threw one that its framework turns into a response.
    ///
    /// Middleware sees the rendered error as an ordinary reply. The adapter throws the error again when the reply
    /// has left the pipeline, so that the framework and its own middleware see what they would have seen without one.
    public var thrownError: (any Error)?

    /// Whether a cache has decided about this reply. What is remembered of it elsewhere has to end with the stored response.
    package var comesThroughCache = false

    /// What a 304 stands for, when whoever made it knows.
    package var represented: RepresentedAnswer?

    /// Creates a reply.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - headerFields: The header fields. The adapter adds Content-Length where it is missing.
    ///   - body: The body.
    public init(status: HTTPResponse.Status, headerFields: HTTPFields = [:], body: ReplyBody = .empty) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }

    /// Status and header fields.
    ///
    /// It is put together on each access, because an `HTTPResponse` keeps its status as text in memory of its own: what needs
    /// the one or the other takes ``status`` or ``headerFields``.
    public var head: HTTPResponse {
        get { HTTPResponse(status: status, headerFields: headerFields) }
        set {
            status = newValue.status
            headerFields = newValue.headerFields
        }
    }
}
